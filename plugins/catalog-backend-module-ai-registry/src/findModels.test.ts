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
  plugins.datasets = [makeDataset({ name: 'handwriting' })];
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

it('asks each question of the page', () => {
  expect(QUERIES.map(([question]) => question)).toEqual(Object.keys(ANSWERS));
});

it.each(QUERIES)('%s', async (question, path) => {
  await eventually(async () => {
    const answer = await catalog.get(path);
    expect(answer).toMatchObject(ANSWERS[question]);
  });
});
