import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import type {
  Conversion,
  Experiment,
  JobQuery,
  NewJob,
  Run,
  TrainingJob,
  TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { RegistryCall } from '../registry/registryTokenOf';
import { registerActions } from './registerActions';

const idOf = (number: number) => number.toString(16).padStart(32, '0');

const runOf = (number: number, fields: Partial<Run> = {}): Run => ({
  id: idOf(number),
  experiment: '1',
  name: `run ${number}`,
  userId: 'ada',
  status: 'FINISHED',
  startedAt: 1_700_000_000_000,
  lifecycle: 'active',
  createdAt: '2026-05-03T12:00:00.000Z',
  createdBy: 'user:default/ada',
  artifactUri: 'mlflow-artifacts:/1',
  params: { depth: String(number), seed: '7' },
  tags: { team: 'vision', 'mlflow.source.name': 'train.py' },
  metrics: [{ key: 'accuracy', value: number / 10, at: 1, step: 0 }],
  inputs: [],
  inputModels: [],
  outputs: [],
  ...fields,
});

const experiment: Experiment = {
  id: '1',
  name: 'digits',
  owner: 'group:default/vision',
  artifactLocation: 'mlflow-artifacts:/1',
  lifecycle: 'active',
  tags: { 'mlflow.note.content': 'Numbers' },
  createdAt: '2026-05-03T12:00:00.000Z',
  createdBy: 'user:default/ada',
  updatedAt: '2026-05-03T12:00:00.000Z',
};

/** As much as a program may log, and more than anybody reads. */
const huge = runOf(3, {
  params: Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`p${at}`, 'x'.repeat(6_000)]),
  ),
  metrics: Array.from({ length: 300 }, (_, at) => ({
    key: `m${at}`,
    value: 'NaN' as const,
    at: 1,
    step: 0,
  })),
  tags: Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`mlflow.t${at}`, 'x']).concat([
      ['zone', 'mine'],
    ]),
  ),
  startedAt: 1e300,
});

const JOB = '7f4c0f0e-7a35-4c3e-9c9c-0a5c9c1d8f11';
const spec: TrainingTemplate['spec'] = {
  name: 'digits',
  title: 'Digits',
  owner: 'group:default/vision',
  experiment: 'digits',
  program: { command: ['python', 'fit.py'] },
  parameters: [{ name: 'epochs', type: 'integer', default: 40 }],
  datasets: [],
  resources: { count: 1, nodes: 1 },
  priority: 'normal',
  deadlineMinutes: 30,
  retries: 2,
  checkpoints: true,
};
const template: TrainingTemplate = {
  spec,
  location: { type: 'url', target: 'https://git.example.com/train.yaml' },
  revision: 'a',
  sourceDigest: 'sha256:a',
  readAt: '2026-05-03T12:00:00.000Z',
  registeredBy: 'user:default/ada',
};
const trainingJob: TrainingJob = {
  id: JOB,
  run: idOf(1),
  experiment: '1',
  name: 'sweet-sloth-916',
  template: 'digits',
  spec,
  revision: 'a',
  sourceDigest: 'sha256:a',
  parameters: { epochs: 40, note: 'x'.repeat(10_000) },
  datasets: [],
  resources: { count: 1, nodes: 1 },
  priority: 'normal',
  deadlineMinutes: 30,
  team: 'group:default/vision',
  backend: 'local',
  state: {
    phase: 'queued',
    since: '2026-05-03T12:00:00.000Z',
    reason: { kind: 'behind-others', position: 2, flavor: 'local' },
  },
  attempts: Array.from({ length: 50 }, (_, at) => ({
    number: at + 1,
    startedAt: '2026-05-03T12:00:00.000Z',
    endedAt: '2026-05-03T12:01:00.000Z',
    end: { kind: 'lost', message: 'y'.repeat(10_000) },
  })),
  progress: {
    progressPercentage: 40,
    metrics: Array.from({ length: 256 }, (_, at) => ({
      name: `m${at}`,
      value: '1',
    })),
    lastUpdatedTime: '2026-05-03T12:00:00.000Z',
  },
  submittedAt: '2026-05-03T12:00:00.000Z',
  submittedBy: 'user:default/ada',
};
/** Longer than a part that is read at once. */
const LOG = Buffer.from(
  Array.from({ length: 200_000 }, (_, at) => `line ${at}\n`).join(''),
);

function setup() {
  const runs = new Map([runOf(1), runOf(2), huge].map(run => [run.id, run]));
  const experiments = {
    list: jest.fn(async () => ({ items: [experiment], nextCursor: 'next' })),
    getByName: jest.fn(async () => experiment),
  };
  const get = jest.fn(async (id: string) => runs.get(id)!);
  const list = jest.fn(async () => ({ items: [...runs.values()] }));
  const jobs = {
    list: jest.fn(async (_query: JobQuery, _options: CallOptions) => ({
      items: [trainingJob],
      nextCursor: 'next',
    })),
    get: jest.fn(async (_id: string, _options: CallOptions) => trainingJob),
    findByRun: jest.fn(),
    listEvents: jest.fn(),
    report: jest.fn(),
    submit: jest.fn(async (_job: NewJob, _call: RegistryCall) => trainingJob),
    cancel: jest.fn(async (_id: string, _options: CallOptions) => trainingJob),
    retry: jest.fn(async (_id: string, _options: CallOptions) => trainingJob),
    readLog: jest.fn(
      async (
        _id: string,
        {
          attempt = 50,
          fromByte,
          mostBytes,
        }: { attempt?: number; fromByte: number; mostBytes: number },
        _options: CallOptions,
      ) => ({
        attempt,
        fromByte,
        bytes: LOG.subarray(fromByte, fromByte + mostBytes),
        isEnd: fromByte + mostBytes >= LOG.length,
      }),
    ),
  };
  const templates = { list: jest.fn(async () => [template]) };
  const conversion = {
    model: 'churn',
    version: 3,
    job: JOB,
    run: 'r',
    requestedBy: 'user:default/mock',
    requestedAt: '2026-05-03T08:00:00Z',
    allowOtherVersions: false,
  };
  const conversions = {
    start: jest.fn(
      async (..._: unknown[]): Promise<Conversion> => ({
        ...conversion,
        state: { phase: 'converting', since: '2026-05-03T08:00:00Z' },
      }),
    ),
    find: jest.fn(
      async (..._: unknown[]): Promise<Conversion | undefined> => ({
        ...conversion,
        state: {
          phase: 'failed',
          since: '2026-05-03T08:01:00Z',
          reason: 'it has no input example',
        },
      }),
    ),
  };
  const actionsRegistry = actionsRegistryServiceMock();
  registerActions({
    actionsRegistry,
    experiments,
    runs: { get },
    lists: { list },
    templates,
    jobs,
    conversions,
  });
  const credentials = mockCredentials.user();
  const invoke = async (name: string, input: object): Promise<any> => {
    const { output } = await actionsRegistry.invoke({
      id: `test:${name}`,
      input: { ...input },
      credentials,
    });
    return output;
  };
  return {
    invoke,
    actionsRegistry,
    experiments,
    get,
    list,
    jobs,
    templates,
    conversions,
    credentials,
  };
}

describe('actions of training', () => {
  it('lists experiments in the name of the caller', async () => {
    const { invoke, experiments, credentials } = setup();
    expect(await invoke('list-experiments', { search: 'dig' })).toEqual({
      experiments: [
        {
          id: '1',
          name: 'digits',
          description: 'Numbers',
          owner: 'group:default/vision',
          updatedAt: experiment.updatedAt,
        },
      ],
      nextCursor: 'next',
    });
    expect(experiments.list).toHaveBeenCalledWith(
      { search: 'dig', limit: 20 },
      { credentials },
    );
  });

  it('finds runs of an experiment by its name or its id', async () => {
    const { invoke, experiments, list, credentials } = setup();
    const filter = 'metrics.accuracy > 0.05';
    const output = await invoke('find-runs', { experiment: 'digits', filter });
    expect(output.runs[0]).toEqual({
      id: idOf(1),
      experiment: '1',
      name: 'run 1',
      status: 'FINISHED',
      startedAt: '2023-11-14T22:13:20.000Z',
      createdBy: 'user:default/ada',
      params: { depth: '1', seed: '7' },
      metrics: { accuracy: 0.1 },
    });
    expect(list).toHaveBeenCalledWith(
      { experiment: '1', filter, limit: 10 },
      { credentials },
    );
    await invoke('find-runs', { experiment: '1' });
    expect(experiments.getByName).toHaveBeenCalledTimes(1);
  });

  it('tells what is asked for of each run', async () => {
    const { invoke } = setup();
    const { runs } = await invoke('find-runs', {
      experiment: '1',
      keys: ['seed', 'm299', 'accuracy'],
    });
    expect(runs.map(({ params, metrics }: any) => [params, metrics])).toEqual([
      [{ seed: '7' }, { accuracy: 0.1 }],
      [{ seed: '7' }, { accuracy: 0.2 }],
      [{}, { m299: 'NaN' }],
    ]);
  });

  it('tells of a run with thousands of entries what a conversation can hold', async () => {
    const { invoke } = setup();
    const found = await invoke('find-runs', { experiment: '1' });
    expect(found.runs[2].leftOut).toEqual({ params: 280, metrics: 280 });
    expect(JSON.stringify(found).length).toBeLessThan(15_000);

    const shown = await invoke('get-run', { run: idOf(3) });
    expect(shown.leftOut).toEqual({ params: 200, metrics: 200, tags: 201 });
    expect(shown.tags.zone).toBe('mine');
    expect(shown.startedAt).toBe('1e+300');
    expect(JSON.stringify(shown).length).toBeLessThan(65_000);

    const compared = await invoke('compare-runs', { runs: [idOf(1), idOf(3)] });
    expect(compared.leftOut).toBe(302 - 100 + (301 - 100));
    expect(compared.params).toHaveLength(100);
  });

  it('puts runs beside each other', async () => {
    const { invoke, get, credentials } = setup();
    expect(await invoke('compare-runs', { runs: [idOf(2), idOf(1)] })).toEqual({
      runs: [
        { id: idOf(2), name: 'run 2', status: 'FINISHED' },
        { id: idOf(1), name: 'run 1', status: 'FINISHED' },
      ],
      params: [{ key: 'depth', values: ['2', '1'] }],
      equalParams: 1,
      metrics: [{ key: 'accuracy', values: [0.2, 0.1] }],
      leftOut: 0,
    });
    expect(get).toHaveBeenCalledWith(idOf(1), { credentials });
  });

  it.each([
    [{ runs: [idOf(1)] }],
    [{ runs: [idOf(1), idOf(1)] }],
    [{ runs: Array.from({ length: 11 }, (_, at) => idOf(at)) }],
    [{ runs: ['1', '2'] }],
  ])('compares no runs %j', async input => {
    const { invoke, get } = setup();
    await expect(invoke('compare-runs', input)).rejects.toThrow(/runs/);
    expect(get).not.toHaveBeenCalled();
  });
});

describe('actions of training jobs', () => {
  it('tell what can be trained', async () => {
    const { invoke, templates, credentials } = setup();
    expect(await invoke('list-training-templates', {})).toMatchObject({
      templates: [{ name: 'digits', parameters: spec.parameters }],
      leftOut: 0,
    });
    expect(templates.list).toHaveBeenCalledWith({ credentials });
    const { templates: none } = await invoke('list-training-templates', {
      search: 'cats',
    });
    expect(none).toEqual([]);
  });

  it('start, cancel and retry in the name of the caller, without a token of anybody', async () => {
    const { invoke, jobs, credentials } = setup();
    const wanted = { template: 'digits', parameters: { epochs: 5 } };
    expect(
      await invoke('start-training', { ...wanted, priority: 'high' }),
    ).toMatchObject({
      id: JOB,
      phase: 'queued',
      says: 'it waits: number 2 in the queue of flavor local',
    });
    expect(jobs.submit).toHaveBeenCalledWith(
      { ...wanted, priority: 'high' },
      { credentials, req: { headers: {} } },
    );
    for (const act of ['cancel', 'retry'] as const) {
      await invoke(`${act}-training`, { job: JOB });
      expect(jobs[act]).toHaveBeenCalledWith(JOB, { credentials });
    }
    await expect(
      invoke('start-training', { ...wanted, priority: 'now' }),
    ).rejects.toThrow(/priority/);
    await expect(invoke('cancel-training', { job: '1' })).rejects.toThrow(
      /job/,
    );
  });

  it('have a version converted in the name of the caller, and say how that goes', async () => {
    const { invoke, conversions, credentials } = setup();
    const call = { credentials, req: { headers: {} } };
    expect(
      await invoke('convert-version-to-onnx', { model: 'churn', version: 3 }),
    ).toMatchObject({ phase: 'converting', job: JOB });
    expect(conversions.start).toHaveBeenCalledWith(
      { model: 'churn', version: 3 },
      { allowOtherVersions: undefined },
      call,
    );
    const shown = { model: 'churn', version: 3 };
    expect(await invoke('show-conversion', shown)).toMatchObject({
      phase: 'failed',
      says: 'it has no input example',
    });
    conversions.find.mockResolvedValueOnce(undefined);
    expect(await invoke('show-conversion', shown)).toEqual({
      phase: 'none',
      says: 'nobody has had it converted',
    });
  });

  it('list jobs by what they wait for', async () => {
    const { invoke, jobs, credentials } = setup();
    const page = await invoke('list-training-jobs', {
      phase: ['queued', 'running'],
      team: 'group:default/vision',
    });
    expect(page).toMatchObject({ jobs: [{ id: JOB }], nextCursor: 'next' });
    expect(jobs.list).toHaveBeenCalledWith(
      { phase: ['queued', 'running'], team: 'group:default/vision', limit: 20 },
      { credentials },
    );
  });

  it('show of a job what a conversation can hold', async () => {
    const { invoke } = setup();
    const shown = await invoke('show-training-job', { job: JOB });
    expect(shown).toMatchObject({
      says: 'it waits: number 2 in the queue of flavor local',
      progress: { says: '40 %' },
      leftOut: { attempts: 30 },
    });
    expect(shown.lastLines).toMatch(/^line \d+\n(?:line \d+\n)*line 199999\n$/);
    expect(JSON.stringify(shown).length).toBeLessThan(25_000);
  });

  it('show a job whose log cannot be read', async () => {
    const { invoke, jobs } = setup();
    jobs.readLog.mockRejectedValue(new Error('the cluster is away'));
    expect(await invoke('show-training-job', { job: JOB })).toMatchObject({
      phase: 'queued',
      lastLines: '(its log cannot be read: the cluster is away)',
    });
  });

  it('read a log from its end, and from a byte on', async () => {
    const { invoke } = setup();
    const end = await invoke('read-training-log', { job: JOB, mostBytes: 30 });
    expect(end).toEqual({
      attempt: 50,
      text: 'line 199998\nline 199999\n',
      fromByte: LOG.length - 24,
      nextByte: LOG.length,
      isEnd: true,
    });
    expect(
      await invoke('read-training-log', {
        job: JOB,
        attempt: 2,
        fromByte: 7,
        mostBytes: 7,
      }),
    ).toEqual({
      attempt: 2,
      text: 'line 1\n',
      fromByte: 7,
      nextByte: 14,
      isEnd: false,
    });
  });

  it('say which of them change something', async () => {
    const { actionsRegistry } = setup();
    const attributes = Object.fromEntries(
      [...actionsRegistry.actions].map(([id, { attributes: of }]) => [id, of]),
    );
    expect(attributes).toMatchObject({
      'test:show-training-job': { readOnly: true, destructive: false },
      'test:start-training': {
        readOnly: false,
        destructive: false,
        idempotent: false,
      },
      'test:cancel-training': { readOnly: false, destructive: true },
      'test:convert-version-to-onnx': {
        readOnly: false,
        destructive: false,
        idempotent: true,
      },
      'test:show-conversion': { readOnly: true, destructive: false },
    });
  });
});
