import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import type { FoundVersion } from '@greenroom/plugin-ai-registry-common';
import { makeLoggedModel, makeRun } from '../__testUtils__/fixtures';
import { datasetPlace } from './datasetPlace';
import { MOST_IN_COLUMN, runLineage, type RunLineageParts } from './runLineage';

const dataset = (name: string, source = '{}') => ({
  dataset: { name, digest: 'd1', sourceType: 'http', source },
  tags: { 'mlflow.data.context': 'training' },
});

const made = makeRun({
  name: 'bold-crane',
  inputs: [dataset('mnist')],
  tags: {
    'mlflow.source.git.commit': 'abcdef1234567',
    'mlflow.source.git.repoURL': 'https://github.com/acme/digits',
  },
});
const model = makeLoggedModel({ id: 'm-1', name: 'net' });

function version(changes: Partial<FoundVersion> = {}): FoundVersion {
  return {
    model: 'digits',
    externalName: 'Digits',
    version: 3,
    aliases: ['champion'],
    source: { run: made.id, loggedModel: 'm-1' },
    ...changes,
  } as FoundVersion;
}

function deployment(changes: Partial<Deployment> = {}): Deployment {
  return {
    environment: 'production',
    model: 'digits',
    wanted: { version: 3 },
    variants: [
      { version: 2, weightPercent: 75 },
      { version: 3, weightPercent: 25 },
    ],
    convergence: { state: 'serving' },
    ...changes,
  } as Deployment;
}

const lineageOf = (changes: Partial<RunLineageParts> = {}) =>
  runLineage({
    run: made,
    models: [model],
    datasets: { state: 'told', value: [] },
    versions: { state: 'told', value: [version()] },
    deployments: { state: 'told', value: [deployment()] },
    consumers: {
      state: 'told',
      value: {
        digits: [{ owner: 'group:default/shop', keys: ['web', 'app'] }],
      },
    },
    ...changes,
  });
const titles = ({ nodes }: ReturnType<typeof runLineage>) =>
  nodes.map(node => `${node.column}: ${node.title}`);
const edges = (lineage: ReturnType<typeof runLineage>) => {
  const byId = new Map(lineage.nodes.map(node => [node.id, node.title]));
  return lineage.edges.map(
    ({ from, to }) => `${byId.get(from)} > ${byId.get(to)}`,
  );
};

describe('the lineage of a run', () => {
  it('goes from rows and commit to those who call what came of it', () => {
    const lineage = lineageOf();
    expect(titles(lineage)).toEqual([
      'from: mnist',
      'from: Commit abcdef1234',
      'run: bold-crane',
      'logged: net',
      'version: Digits 3',
      'deployment: production',
      'consumer: shop',
    ]);
    expect(edges(lineage)).toEqual([
      'mnist > bold-crane',
      'Commit abcdef1234 > bold-crane',
      'bold-crane > net',
      'net > Digits 3',
      'Digits 3 > production',
      'production > shop',
    ]);
    expect(lineage.hints).toEqual([]);
    expect(lineage.nodes.map(({ detail }) => detail)).toEqual([
      'training, d1',
      undefined,
      'finished',
      'm-1',
      'champion',
      '25 % of digits',
      '2 keys',
    ]);
  });

  it('says of each part that is missing what to do, and of what follows only the next step', () => {
    const nothing = lineageOf({
      run: makeRun(),
      models: [],
      versions: { state: 'told', value: [] },
      deployments: { state: 'told', value: [] },
    });
    expect(titles(nothing)).toEqual([
      'from: Not known',
      `run: ${makeRun().name}`,
      'logged: None',
      'version: Not registered',
      'deployment: Not deployed',
    ]);
    expect(nothing.edges).toEqual([]);
    expect(nothing.hints.map(hint => hint.split(':')[0])).toEqual([
      'No dataset',
      'No commit known',
      'No model',
    ]);
    const [hint] = lineageOf({
      versions: { state: 'told', value: [] },
    }).hints;
    expect(hint).toContain('mlflow.register_model("models:/m-1"');
    expect(
      lineageOf({ deployments: { state: 'told', value: [] } }).hints,
    ).toEqual([
      'Not deployed: open the version and promote it to an environment.',
    ]);
    expect(
      lineageOf({ consumers: { state: 'told', value: { digits: [] } } }).hints,
    ).toEqual(['Nobody calls it: issue a key for a team or a program.']);
  });

  it('leaves out what is not installed, and says what the viewer may not know', () => {
    expect(
      lineageOf({
        versions: { state: 'absent' },
        deployments: { state: 'absent' },
      }).columns.map(({ id }) => id),
    ).toEqual(['from', 'run', 'logged']);
    const noInference = lineageOf({ deployments: { state: 'absent' } });
    expect(noInference.columns.map(({ id }) => id)).toEqual([
      'from',
      'run',
      'logged',
      'version',
    ]);
    expect(noInference.hints).toEqual([]);
    const refused = lineageOf({ consumers: { state: 'refused' } });
    expect(titles(refused)).toContain('consumer: Not told');
    expect(refused.hints).toEqual([
      'Who calls it is told to those who may change the model.',
    ]);
  });

  it('knows a version by the folder in the run, and one that no logged model is known of', () => {
    const ofFolder = version({
      source: { run: made.id, uri: `runs:/${made.id}/net` },
    });
    expect(
      edges(lineageOf({ versions: { state: 'told', value: [ofFolder] } })),
    ).toContain('net > Digits 3');
    const ofOther = version({ source: { run: made.id, uri: 'runs:/x/other' } });
    expect(
      edges(lineageOf({ versions: { state: 'told', value: [ofOther] } })),
    ).toContain('bold-crane > Digits 3');
  });

  it('tells what is wanted from what serves, and adds versions up', () => {
    const [two, three] = [version({ version: 2 }), version()];
    const both = lineageOf({
      versions: { state: 'told', value: [two, three] },
    });
    const node = ({ nodes }: ReturnType<typeof runLineage>) =>
      nodes.filter(({ column }) => column === 'deployment');
    expect(node(both)).toHaveLength(1);
    expect(node(both)[0]).toMatchObject({
      detail: '100 % of digits',
      tone: 'good',
    });
    const waiting = lineageOf({
      deployments: {
        state: 'told',
        value: [
          deployment({
            variants: [],
            convergence: { state: 'asleep', reason: '', since: '' },
          }),
          // Another version runs there.
          deployment({
            environment: 'dev',
            wanted: { version: 9 } as Deployment['wanted'],
            variants: [],
          }),
        ],
      },
    });
    expect(node(waiting)).toEqual([
      expect.objectContaining({
        title: 'production',
        detail: 'wanted, serves nothing yet, asleep',
      }),
    ]);
  });

  it('draws no more of a column than one can look at', () => {
    const many = makeRun({
      inputs: Array.from({ length: 1_000 }, (_, i) => dataset(`rows ${i}`)),
    });
    const lineage = lineageOf({ run: many });
    const from = lineage.nodes.filter(({ column }) => column === 'from');
    expect(from).toHaveLength(MOST_IN_COLUMN);
    expect(from.at(-1)?.title).toBe('993 more');
    const drawn = new Set(lineage.nodes.map(({ id }) => id));
    expect(
      lineage.edges.every(({ from: a, to }) => drawn.has(a) && drawn.has(to)),
    ).toBe(true);
  });
});

it('leads to the dataset that the portal takes an input for', () => {
  const reference = { by: 'source', dataset: 'mnist', version: 2 } as const;
  const { nodes } = lineageOf({
    run: makeRun({ inputs: [dataset('mnist'), dataset('other')] }),
    datasets: {
      state: 'told',
      value: [{ name: 'mnist', digest: 'd1', reference }],
    },
  });
  expect(
    nodes.filter(({ id }) => id.startsWith('dataset:')).map(one => one.target),
  ).toEqual([{ page: 'dataset', name: 'mnist', version: '2' }, undefined]);
});

describe('datasetPlace', () => {
  it('finds versions of the registry, and pages outside', () => {
    const source =
      'https://portal.example.com/api/ai-registry/datasets/mnist/versions/2/content';
    expect(
      datasetPlace(JSON.stringify({ url: source }), {
        by: 'source',
        dataset: 'mnist',
        version: 2,
      }),
    ).toEqual({ page: 'dataset', name: 'mnist', version: '2' });
    // As of another portal, whose datasets are not this one's.
    expect(datasetPlace(source)).toEqual({ page: 'outside', url: source });
    expect(datasetPlace('https://data.example.com/rows.csv')).toEqual({
      page: 'outside',
      url: 'https://data.example.com/rows.csv',
    });
  });

  it('makes no link of what no browser opens, or what lets somebody in', () => {
    for (const source of [
      '/data/mnist',
      '{"uri":"s3://bucket/rows"}',
      'https://ada:secret@example.com/rows.csv',
      'https://example.com/rows.csv?sig=secret',
      ['javascript', 'alert(1)'].join(':'),
      'null',
      '{"url":7}',
      'https://',
    ]) {
      expect(datasetPlace(source)).toBeUndefined();
    }
  });
});
