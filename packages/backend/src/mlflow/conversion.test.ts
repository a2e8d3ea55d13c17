import { TestDatabases } from '@backstage/backend-test-utils';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import {
  ConversionPlatform,
  converterEnvironments,
  findConverterPython,
  makeConversionFolders,
  OWNER,
  READER,
  WRITER,
} from './__testUtils__/ConversionPlatform';

jest.setTimeout(900_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const owner = { token: OWNER };

/**
 * Models that MLflow's own client logs become versions in ONNX by real jobs, with the tokens of those jobs, and the data
 * plane's own runtime asks them again. Only the catalog is made up.
 */
describe('conversions to ONNX', () => {
  let folders: Awaited<ReturnType<typeof makeConversionFolders>>;
  let platform: ConversionPlatform;
  let registry: ConversionPlatform['registry'];
  let training: ConversionPlatform['training'];

  beforeAll(async () => {
    const environments = converterEnvironments();
    folders = await makeConversionFolders();
    const place = path.join(folders.directory, 'training');
    await mkdir(place);
    await mkdir(environments, { recursive: true });
    // The packages are fetched once, and kept outside of the clone.
    await symlink(environments, path.join(place, 'python'));
    platform = await ConversionPlatform.start({
      ...folders,
      databases,
      config: {
        aiTraining: { local: { enabled: true, slots: 2, directory: place } },
      },
    });
    ({ registry, training } = platform);
  });

  afterAll(async () => {
    await platform?.stop();
    await folders?.remove();
  });

  const convert = (model: string) => platform.convert(model);
  /** With the packages of the converter, which its first job has made. */
  const runPython = (script: string, ...words: string[]) =>
    platform.runPython(
      findConverterPython(converterEnvironments())!,
      script,
      ...words,
    );

  async function addFolder(model: string, mlmodel: string) {
    await registry.createModel(
      { name: model, owner: 'group:default/vision', task: 'classification' },
      owner,
    );
    const file = await registry.uploadArtifact(Buffer.from(mlmodel), owner);
    await registry.createVersion(
      model,
      { bundle: { format: 'mlflow', files: [{ path: 'MLmodel', ...file }] } },
      owner,
    );
  }

  it('end with what to do where there is no example to compare on', async () => {
    await addFolder(
      'bare',
      'flavors:\n  sklearn:\n    sklearn_version: 1.9.1\n    pickled_model: model.pkl\n',
    );
    const [first, second] = await Promise.all([
      training.convertVersion({ model: 'bare', version: 1 }, owner),
      training.convertVersion({ model: 'bare', version: 1 }, owner),
    ]);
    expect(second.job).toBe(first.job);
    expect(await convert('bare')).toMatchObject({
      job: first.job,
      requestedBy: 'service:owner',
      state: {
        phase: 'failed',
        reason: expect.stringMatching(
          /^Version 1 of bare was not converted: it has no input example to compare the predictions on: log it again with .*input_example=/,
        ),
      },
    });
    const job = await training.getJob(first.job, owner);
    expect(job).toMatchObject({
      team: 'group:default/vision',
      spec: { owner: 'group:default/vision', model: 'bare' },
    });
    // One that has failed can be begun again.
    const again = await training.convertVersion(
      { model: 'bare', version: 1 },
      owner,
    );
    expect(again.job).not.toBe(first.job);
    await convert('bare');
  });

  it('are begun only by who may change the model and run jobs of its owner', async () => {
    const ref = { model: 'bare', version: 1 };
    for (const token of [READER, WRITER]) {
      await expect(
        training.convertVersion(ref, { token }),
      ).rejects.toMatchObject({ statusCode: 403 });
    }
    expect(await training.findConversion(ref, { token: READER })).toMatchObject(
      { state: { phase: 'failed' } },
    );
    await expect(
      training.findConversion({ model: 'bare', version: 9 }, owner),
    ).rejects.toMatchObject({ statusCode: 404 });
  });

  it('take no version of another kind', async () => {
    await addFolder('torch', 'flavors:\n  pytorch:\n    model_data: data\n');
    await expect(
      training.convertVersion({ model: 'torch', version: 1 }, owner),
    ).rejects.toMatchObject({
      body: {
        error: {
          message: expect.stringMatching(
            /has the flavors pytorch, and what is converted has one of sklearn, xgboost, lightgbm/,
          ),
        },
      },
    });
  });

  it('make versions that predict the same, and nothing else', async () => {
    await runPython('log_for_conversion.py');
    const names = ['who-stays', 'trees', 'booster', 'own', 'unequal', 'older'];
    const conversions = Object.fromEntries(
      await Promise.all(
        names.map(async name => [name, await convert(name)] as const),
      ),
    );
    const reasons = ['own', 'unequal', 'older'].map(name => {
      const { state } = conversions[name];
      return state.phase === 'failed' ? state.reason : state;
    });
    expect(reasons).toEqual([
      expect.stringMatching(/a part of it has no converter to ONNX: .*Halve/),
      expect.stringMatching(
        /does not predict what the model predicts: .* its labels differ in \d+ of 40 rows\. Nothing was registered$/,
      ),
      expect.stringMatching(
        /it was logged with xgboost 1\.2\.3, and 3\.2\.0 is installed here, which may read it as another model/,
      ),
    ]);
    for (const name of ['own', 'unequal', 'older']) {
      expect((await registry.getModel(name, owner)).latestVersion).toBe(1);
    }
    for (const name of ['who-stays', 'trees', 'booster']) {
      expect(conversions[name].state).toMatchObject({
        phase: 'converted',
        made: 2,
      });
      expect(await platform.triedVersion(name, 2)).toMatchObject({
        format: 'onnx',
        source: { run: conversions[name].run },
        convertedFrom: 1,
        tags: { 'greenroom.converted_from': '1' },
        servability: { state: 'servable' },
        conversion: {
          from: {
            model: name === 'who-stays' ? 'Who stays' : name,
            version: 1,
          },
          job: conversions[name].job,
          rows: 40,
          check: {
            outcome: 'equal',
            rows: 40,
            differing: 0,
            withScores: name !== 'trees',
          },
        },
      });
    }
    const found = JSON.parse(
      await runPython(
        'run_converted.py',
        JSON.stringify({ 'Who stays': 2, trees: 2, booster: 2 }),
      ),
    );
    for (const name of ['Who stays', 'trees', 'booster']) {
      expect(found[name]).toMatchObject({ labels: 0, rows: 50 });
      expect(found[name].numbers).toBeLessThan(1e-4);
    }
    await expect(
      training.convertVersion({ model: 'trees', version: 1 }, owner),
    ).rejects.toMatchObject({
      body: {
        error: {
          message: expect.stringMatching(
            /was converted already: it is version 2 in ONNX/,
          ),
        },
      },
    });
  });
});
