import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import type { Experiment, Run } from '@greenroom/plugin-ai-training-common';
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

function setup() {
  const runs = new Map([runOf(1), runOf(2), huge].map(run => [run.id, run]));
  const experiments = {
    list: jest.fn(async () => ({ items: [experiment], nextCursor: 'next' })),
    getByName: jest.fn(async () => experiment),
  };
  const get = jest.fn(async (id: string) => runs.get(id)!);
  const list = jest.fn(async () => ({ items: [...runs.values()] }));
  const actionsRegistry = actionsRegistryServiceMock();
  registerActions({
    actionsRegistry,
    experiments,
    runs: { get },
    lists: { list },
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
  return { invoke, experiments, get, list, credentials };
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
