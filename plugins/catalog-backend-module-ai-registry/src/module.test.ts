import {
  TOPIC_DEPLOYMENT_CHANGED,
  TOPIC_ROLLOUT_CHANGED,
} from '@greenroom/plugin-ai-inference-common';
import {
  TOPIC_DATASET_CHANGED,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  digestOf,
  FakePlugins,
  makeDataset,
  makeDeployment,
  makeModel,
  makeVersion,
} from './__testUtils__/FakePlugins';
import { eventually, startCatalog } from './__testUtils__/startCatalog';

jest.setTimeout(120_000);

const PAGE = join(
  __dirname,
  '../../../docs/how-to/find-models-in-the-catalog.md',
);

/** The question of each section of the page, and the path that answers it. */
const QUERIES = readFileSync(PAGE, 'utf8')
  .split(/^## /m)
  .flatMap(section => {
    const path = /"\$PORTAL(\/api\/catalog\/[^"]+)"/.exec(section)?.[1];
    return path ? [[section.split('\n')[0], path] as const] : [];
  });

const plugins = new FakePlugins();
let catalog: Awaited<ReturnType<typeof startCatalog>>;

beforeAll(async () => {
  plugins.models = [
    makeModel({ latestVersion: 2 }),
    makeModel({ name: 'risk', owner: 'group:default/health-team' }),
    makeModel({ name: 'idle', owner: 'group:default/health-team' }),
  ];
  plugins.versions = [
    makeVersion('digits', 1),
    makeVersion('digits', 2, {
      evaluation: {
        dataset: { name: 'held out', digest: digestOf(7), rows: 10 },
        metrics: { accuracy: 1 },
        primary: { name: 'accuracy', higherIsBetter: true },
      },
    }),
    makeVersion('risk', 3),
  ];
  plugins.datasets = [makeDataset({ name: 'handwriting' }), makeDataset()];
  plugins.datasetVersions = [
    {
      dataset: 'handwriting',
      version: 1,
      description: '',
      kind: 'stored',
      digest: digestOf(7),
      createdAt: '2026-05-03T12:00:00.000Z',
      createdBy: 'user:default/ada',
    },
  ];
  plugins.deployments = [
    makeDeployment('production', 'digits', 1),
    makeDeployment('staging', 'digits', 2),
    makeDeployment('staging', 'risk', 3),
  ];
  await plugins.start();
  catalog = await startCatalog(plugins, {
    app: {
      baseUrl: 'http://portal/',
      extensions: [{ 'page:ai-registry': { config: { path: '/ml' } } }],
    },
    catalog: {
      rules: [{ allow: ['Component'] }],
      locations: [
        {
          type: 'file',
          target: join(__dirname, '__testUtils__/consumer.yaml'),
        },
      ],
    },
  });
});

afterAll(async () => {
  await catalog.stop();
  await plugins.stop();
});

const definitionOf = async (ref: string) =>
  JSON.parse(String((await catalog.entity(ref)).spec?.definition));

const publish = (topic: string, eventPayload: object) =>
  catalog.events.publish({ topic, eventPayload });

const named = (...names: string[]) => ({
  items: names.map(name => ({ metadata: { name } })),
});

const ANSWERS: Record<string, object> = {
  'Which models are there?': named('digits', 'idle', 'risk'),
  'Which ones serve in production?': named('digits'),
  'Which ones belong to my team?': named('digits'),
  'Which version answers in production?': {
    spec: {
      deployment: {
        wanted: { version: 1 },
        serving: [{ version: 1, sharePercent: 100 }],
        state: 'serving',
      },
    },
  },
  'How is it called?': {
    items: [
      {
        spec: {
          definition: expect.stringContaining('/v2/models/digits/infer'),
        },
      },
    ],
  },
  'Who is asked before something changes?': named('recogniser'),
  'Which models depend on a dataset?': named('digits'),
  'Which model is a file of?': named('digits'),
  'What runs in staging?': named('digits', 'risk'),
};

describe('the page of how models are found in the catalog', () => {
  it('has a query with an answer for each question', () => {
    expect(QUERIES.map(([question]) => question)).toEqual(Object.keys(ANSWERS));
  });

  it.each(QUERIES)('%s', async (question, path) => {
    await eventually(async () => {
      const answer = await catalog.get(path);
      expect(answer).toMatchObject(ANSWERS[question]);
    });
  });
});

describe('catalogModuleAiRegistry', () => {
  it('has everything at the start, with pages where the app has them', async () => {
    const model = await eventually(() =>
      catalog.entity('resource/default/digits'),
    );
    expect(model.metadata.links).toMatchObject([
      { url: 'http://portal/ml/models/digits' },
    ]);
    const dataset = await eventually(() =>
      catalog.entity('resource/datasets/capitals'),
    );
    expect(dataset.metadata.links).toMatchObject([
      { url: 'http://portal/ml/datasets/capitals' },
    ]);
  });

  it('has an API for each environment, described and related with the model', async () => {
    const document = await eventually(() =>
      definitionOf('api/production/digits'),
    );
    expect(document.info).toMatchObject({
      title: 'Handwritten digits in production',
      version: '1',
    });
    expect(Object.keys(document.paths)).toContain('/v2/models/digits/infer');
    const relationsOf = async (ref: string) =>
      (await catalog.entity(ref)).relations;
    await eventually(async () => {
      expect(await relationsOf('api/production/digits')).toContainEqual({
        type: 'apiProvidedBy',
        targetRef: 'resource:default/digits',
      });
      const provided = (await relationsOf('resource/default/digits'))?.filter(
        ({ type }) => type === 'providesApi',
      );
      expect(provided?.map(({ targetRef }) => targetRef)).toEqual([
        'api:production/digits',
        'api:staging/digits',
      ]);
    });
  });

  it('tells the versions of a model, and where they run', async () => {
    await eventually(async () => {
      const { spec } = await catalog.entity('resource/default/digits');
      expect(spec).toMatchObject({
        lifecycle: 'production',
        versions: [
          { version: 2, environments: ['staging'] },
          { version: 1, environments: ['production'] },
        ],
        environments: [
          { environment: 'production', wanted: { version: 1 } },
          { environment: 'staging', wanted: { version: 2 }, state: 'serving' },
        ],
      });
    });
  });

  it('follows what is told of models and datasets', async () => {
    plugins.models = [makeModel({ title: 'Digits, changed' })];
    plugins.datasets = [makeDataset({ title: 'Capitals, changed' })];
    await publish(TOPIC_MODEL_CHANGED, {
      type: 'model-changed',
      model: 'digits',
      action: 'updated',
    });
    await publish(TOPIC_DATASET_CHANGED, {
      type: 'dataset-changed',
      dataset: 'capitals',
      action: 'updated',
    });
    await eventually(async () => {
      const titles = await Promise.all(
        [
          'resource/default/digits',
          'api/production/digits',
          'resource/datasets/capitals',
        ].map(async ref => (await catalog.entity(ref)).metadata.title),
      );
      expect(titles).toEqual([
        'Digits, changed',
        'Digits, changed in production',
        'Capitals, changed',
      ]);
    });
  });

  it('follows rollouts, and takes away the API of what is not served any more', async () => {
    plugins.deployments = [makeDeployment('production', 'digits', 2)];
    await publish(TOPIC_ROLLOUT_CHANGED, {
      type: 'rollout-changed',
      environment: 'production',
      model: 'digits',
    });
    await eventually(async () => {
      const { info } = await definitionOf('api/production/digits');
      expect(info.version).toBe('2');
    });
    plugins.deployments = [];
    await publish(TOPIC_DEPLOYMENT_CHANGED, {
      type: 'deployment-changed',
      environment: 'production',
      model: 'digits',
      action: 'withdrawn',
    });
    await eventually(() =>
      expect(catalog.entity('api/production/digits')).rejects.toThrow('404'),
    );
    await expect(catalog.entity('api/staging/digits')).rejects.toThrow('404');
    await catalog.entity('resource/default/digits');
  });
});

it('describes a version as soon as the registry can tell what it takes', async () => {
  const others = new FakePlugins();
  others.models = [makeModel({ name: 'late' })];
  others.deployments = [makeDeployment('production', 'late')];
  await others.start();
  const second = await startCatalog(others, {
    aiRegistry: { catalog: { syncIntervalSeconds: 0.2 } },
  });
  const definition = async () =>
    String((await second.entity('api/production/late')).spec?.definition);
  await eventually(async () =>
    expect(await definition()).toContain('could not be read'),
  );
  others.versions = [makeVersion('late', 1)];
  await eventually(async () =>
    expect(await definition()).toContain('/v2/models/late/infer'),
  );
  await second.stop();
  await others.stop();
});
