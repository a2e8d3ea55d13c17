import { mockCredentials } from '@backstage/backend-test-utils';
import type { Model, ModelVersion } from '@greenroom/plugin-ai-registry-common';
import type {
  AttemptEnd,
  JobState,
  TemplateSpec,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { parseTrainingTemplate, TEMPLATE_PATH } from '@greenroom/manifest';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingBackend } from '../backends/TrainingBackend';
import { TemplateReader } from '../templates/TemplateReader';
import {
  type ConversionSettings,
  DefaultConversionService,
} from './ConversionService';
import { Converter } from './Converter';

const REF = { model: 'churn', version: 3 };
const CALL = { credentials: mockCredentials.user(), req: { headers: {} } };
const since = '2026-05-03T08:00:00.000Z';
const FOLDER = join(__dirname, '../../converter');

const flavor = (name: string) => ({
  ...REF,
  format: 'mlflow' as const,
  mlflow: { flavors: [{ name, facts: {} }] },
});

const backend = (name: string, problem?: string) =>
  ({
    name,
    problemWith: ({ program }: { program: TemplateSpec['program'] }) =>
      name === 'local' || program.image !== undefined ? problem : 'no image',
  } as unknown as TrainingBackend);

const jobIn = (state: JobState) =>
  ({
    id: 'before',
    run: 'r1',
    submittedBy: 'user:default/ada',
    submittedAt: since,
    parameters: { version: 3, allow_other_versions: true },
    state,
  } as unknown as TrainingJob);

function setup(
  options: {
    version?: object;
    last?: JobState;
    made?: number;
    backends?: TrainingBackend[];
    settings?: ConversionSettings;
  } = {},
) {
  const { version = flavor('sklearn'), last, made, settings = {} } = options;
  const submit = jest.fn(async (..._: any[]) =>
    jobIn({ phase: 'queued', since, reason: { kind: 'new' } }),
  );
  const service = new DefaultConversionService({
    backends: options.backends ?? [backend('local')],
    converter: {
      read: async () => ({
        spec: parseTrainingTemplate(
          await readFile(join(FOLDER, TEMPLATE_PATH), 'utf8'),
          'here',
        ),
        revision: 'r',
        sourceDigest: 's',
      }),
    },
    jobs: { submit },
    jobStore: { findNewest: async () => last && jobIn(last) },
    registry: {
      getVersion: async () => ({
        model: {
          name: 'churn',
          externalName: 'Who stays',
          owner: 'group:default/sales',
        } as Model,
        version: version as ModelVersion,
      }),
      findMade: async () => made,
    },
    settings,
  });
  return { service, submit };
}

const failed = (end: AttemptEnd): JobState => ({ phase: 'failed', since, end });

describe('DefaultConversionService', () => {
  it('submits a job of the model and its owner, and of nothing else', async () => {
    const { service, submit } = setup({ settings: { memory: '8Gi' } });
    await service.start(REF, {}, CALL);
    const [wanted, call, { template, requestKey }] = submit.mock.calls[0];
    expect(wanted).toMatchObject({
      backend: 'local',
      parameters: {
        model: 'Who stays',
        version: 3,
        allow_other_versions: false,
      },
    });
    expect(call).toBe(CALL);
    expect(template.spec).toMatchObject({
      name: 'onnx.churn',
      owner: 'group:default/sales',
      model: 'churn',
      experiment: 'Conversions to ONNX of group:default/sales',
      datasets: [],
      resources: { memory: '8Gi' },
    });
    expect(requestKey).toBe('convert churn/3 after none');
  });

  it.each([
    [flavor('pytorch'), /has the flavors pytorch, and what is converted has/],
    [{ ...REF, format: 'onnx' }, /is in ONNX already/],
    [{ ...REF, format: 'external' }, /runs at a provider/],
    [{ ...REF, format: 'mlflow' }, /has the flavors none/],
  ])('refuses what is none to convert: %#', async (version, message) => {
    const { service } = setup({ version });
    await expect(service.start(REF, {}, CALL)).rejects.toThrow(message);
  });

  it('tells the one that goes on, and begins one after it has failed', async () => {
    const going = setup({ last: { phase: 'running', since } });
    expect(await going.service.start(REF, {}, CALL)).toMatchObject({
      job: 'before',
      allowOtherVersions: true,
      state: { phase: 'converting' },
    });
    expect(going.submit).not.toHaveBeenCalled();
    const after = setup({ last: failed({ kind: 'lost', message: 'gone' }) });
    await after.service.start(REF, { allowOtherVersions: true }, CALL);
    const [[wanted, , { requestKey }]] = after.submit.mock.calls;
    expect(wanted.parameters.allow_other_versions).toBe(true);
    // Whoever asks at the same time asks for the same one.
    expect(requestKey).toBe('convert churn/3 after before');
  });

  it('makes no second version while the first is there', async () => {
    const last: JobState = { phase: 'succeeded', since };
    await expect(
      setup({ last, made: 4 }).service.start(REF, {}, CALL),
    ).rejects.toThrow(
      "Version 3 of 'churn' was converted already: it is version 4 in ONNX",
    );
    const deleted = setup({ last });
    const found = await deleted.service.find(REF, CALL);
    expect(found!.state).toEqual({ phase: 'converted', since });
    await deleted.service.start(REF, {}, CALL);
    expect(deleted.submit).toHaveBeenCalled();
  });

  it.each<[AttemptEnd, RegExp]>([
    [
      {
        kind: 'program-failed',
        exitCode: 3,
        lastLines:
          'noise\nVersion 3 of Who stays was not converted: it is blue.\n',
      },
      /^Version 3 of Who stays was not converted: it is blue\.$/,
    ],
    // It never came to say why.
    [
      { kind: 'program-failed', exitCode: 1, lastLines: 'no module mlflow' },
      /^The job failed: .*1/,
    ],
    [{ kind: 'out-of-memory' }, /^The job failed: .*memory/],
  ])('says why none was made: %#', async (end, reason) => {
    const { service } = setup({ last: failed(end) });
    const found = await service.find(REF, CALL);
    expect(found!.state).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(reason),
    });
  });

  it('runs where it can, and says what is missing where it cannot', async () => {
    const both = [backend('cluster'), backend('local')];
    const local = setup({ backends: both });
    await local.service.start(REF, {}, CALL);
    expect(local.submit.mock.calls[0][0].backend).toBe('local');
    const image = 'converter@sha256:0';
    const cluster = setup({ backends: both, settings: { image } });
    await cluster.service.start(REF, {}, CALL);
    const [wanted, , { template }] = cluster.submit.mock.calls[0];
    expect(wanted.backend).toBe('cluster');
    expect(template.spec.program.image).toBe(image);
    for (const [backends, settings, message] of [
      [[], {}, /Nothing here runs training jobs/],
      [
        [backend('cluster')],
        {},
        /needs an image .*aiTraining\.conversion\.image/,
      ],
      [[backend('cluster', 'it is full')], { image }, /cluster: it is full/],
    ] as const) {
      const { service } = setup({ backends: [...backends], settings });
      await expect(service.start(REF, {}, CALL)).rejects.toThrow(message);
    }
  });
});

describe('Converter', () => {
  const read = async (pythonLock?: string) => {
    const chunks: Uint8Array[] = [];
    const converter = new Converter({
      folder: FOLDER,
      pythonLock,
      reader: new TemplateReader({
        urlReader: undefined as never,
        artifacts: {
          async put(content) {
            for await (const chunk of content) chunks.push(chunk);
            return { digest: 'sha256:0', sizeBytes: 0, isNew: true } as never;
          },
        },
      }),
    });
    return { ...(await converter.read()), packed: Buffer.concat(chunks) };
  };

  it('is the program that the package brings along', async () => {
    const { spec, packed } = await read();
    expect(spec.program).toMatchObject({ pythonLock: 'requirements.lock' });
    expect(spec.parameters.map(({ name }) => name)).toEqual([
      'model',
      'version',
      'allow_other_versions',
    ]);
    expect(packed.length).toBeGreaterThan(1_000);
  });

  it('has the packages that the configuration names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lock-'));
    try {
      const lock = join(folder, 'own.lock');
      await writeFile(lock, 'scikit-learn==1.5.2\n');
      const own = await read(lock);
      expect(own.packed.equals((await read()).packed)).toBe(false);
      await expect(read(join(folder, 'none.lock'))).rejects.toThrow(
        /aiTraining\.conversion\.pythonLock/,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
