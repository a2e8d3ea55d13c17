import { mockServices } from '@backstage/backend-test-utils';
import {
  type Entity,
  resourceEntityV1alpha1Validator,
} from '@backstage/catalog-model';
import type { CatalogProcessorResult } from '@backstage/plugin-catalog-node';
import type { JsonValue } from '@backstage/types';
import {
  AiRegistryClient,
  type DatasetVersion,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import {
  digestOf,
  FakePlugins,
  makeDeployment,
  makeModel,
  makeVersion,
} from '../__testUtils__/FakePlugins';
import { createPluginCaller } from '../PluginCaller';
import { toDeploymentFacts } from './deployedModel';
import { ModelFactsProcessor } from './ModelFactsProcessor';
import { toModelEntity } from './toModelEntity';
import { UNREAD } from './unread';

const LOCATION = { type: 'url', target: 'http://portal/models/digits' };
const AT = '2026-05-03T12:00:00.000Z';
const plugins = new FakePlugins();

beforeAll(() => plugins.start());
afterAll(() => plugins.stop());
beforeEach(() => {
  plugins.isDown = false;
  plugins.asked.length = 0;
  plugins.versions = [1, 2, 3].map(version => makeVersion('digits', version));
  plugins.datasetVersions = [];
});

const evaluatedOn = (digest: `sha256:${string}`) => ({
  evaluation: {
    dataset: { name: 'held out', digest, rows: 10 },
    metrics: { accuracy: 1 },
    primary: { name: 'accuracy', higherIsBetter: true },
  },
});

const datasetVersion = (dataset: string, version: number): DatasetVersion => ({
  dataset,
  version,
  description: '',
  kind: 'stored',
  digest: digestOf(version),
  createdAt: AT,
  createdBy: 'user:default/ada',
});

/** @param deployed - version by environment */
function entityOf(deployed: Record<string, number> = {}, updatedAt = AT) {
  const names = Object.keys(deployed);
  return toModelEntity(
    {
      model: makeModel({ updatedAt }),
      deployments: names.map(name =>
        toDeploymentFacts(makeDeployment(name, 'digits', deployed[name])),
      ),
    },
    {
      pageOf: name => `http://portal/models/${name}`,
      environments: Environments.fromConfig(
        mockServices.rootConfig({
          data: {
            greenroom: {
              environments: (names.length > 0 ? names : ['dev']).map(name => ({
                name,
              })),
            },
          },
        }),
      ),
    },
  );
}

function setUp() {
  const processor = new ModelFactsProcessor({
    registry: new AiRegistryClient({
      discoveryApi: { getBaseUrl: async id => plugins.urlOf(id) },
    }),
    call: createPluginCaller(mockServices.auth({ pluginId: 'catalog' })),
    logger: mockServices.logger.mock(),
  });
  const kept = new Map<string, JsonValue>();
  const emitted: CatalogProcessorResult[] = [];
  const cache = {
    get: async <Item extends JsonValue>(key: string) =>
      kept.get(key) as Item | undefined,
    set: async (key: string, value: JsonValue) => {
      kept.set(key, value);
    },
  };
  return {
    emitted,
    process: (entity: Entity) =>
      processor.preProcessEntity(
        entity,
        LOCATION,
        result => emitted.push(result),
        LOCATION,
        cache,
      ),
  };
}

describe('ModelFactsProcessor', () => {
  it('tells the versions and where they run, newest first', async () => {
    const entity = await setUp().process(entityOf({ dev: 2, production: 1 }));
    const fact = (version: number, environments: string[]) => ({
      version,
      digest: digestOf(version),
      createdAt: AT,
      environments,
    });
    expect(entity.spec).toMatchObject({
      lifecycle: 'production',
      // The registry of this test gives two a page.
      versions: [fact(3, []), fact(2, ['dev']), fact(1, ['production'])],
    });
    expect(entity.spec).not.toHaveProperty('dependsOn');
    await expect(resourceEntityV1alpha1Validator.check(entity)).resolves.toBe(
      true,
    );
  });

  it('depends on the datasets of the newest version and of those that run', async () => {
    plugins.versions = [1, 2, 3].map(version =>
      makeVersion('digits', version, evaluatedOn(digestOf(version))),
    );
    plugins.datasetVersions = [
      datasetVersion('of-the-first', 1),
      datasetVersion('of-nobody', 2),
      datasetVersion('of-the-newest', 3),
    ];
    const entity = await setUp().process(entityOf({ production: 1 }));
    expect(entity.spec?.dependsOn).toEqual([
      'resource:datasets/of-the-first',
      'resource:datasets/of-the-newest',
    ]);
  });

  it('reads only when the model or what runs has changed', async () => {
    const { process } = setUp();
    const first = await process(entityOf({ production: 2 }));
    const asked = plugins.asked.length;
    expect(asked).toBeGreaterThan(0);
    expect(await process(entityOf({ production: 2 }))).toEqual(first);
    expect(plugins.asked).toHaveLength(asked);
    await process(entityOf({ production: 3 }));
    expect(plugins.asked.length).toBeGreaterThan(asked);
    const changed = plugins.asked.length;
    await process(entityOf({ production: 3 }, '2026-05-03T13:00:00.000Z'));
    expect(plugins.asked.length).toBeGreaterThan(changed);
  });

  it('goes on with what it knows while the registry is down, and wants to be processed again', async () => {
    const { process, emitted } = setUp();
    plugins.isDown = true;
    const nothing = await process(entityOf());
    expect(nothing.spec).not.toHaveProperty('versions');
    expect(emitted).toEqual([{ type: 'refresh', key: UNREAD }]);
    plugins.isDown = false;
    const known = await process(entityOf());
    plugins.isDown = true;
    const later = await process(entityOf({}, '2026-05-03T13:00:00.000Z'));
    expect(later.spec?.versions).toEqual(known.spec?.versions);
    expect(emitted).toHaveLength(2);
  });

  it('stays small, however many versions there are', async () => {
    const environments = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`stage-${index}`, index + 1]),
    );
    plugins.versions = Array.from({ length: 500 }, (_, index) =>
      makeVersion('digits', index + 1),
    );
    plugins.pageSize = 100;
    const entity = await setUp().process(entityOf(environments));
    expect(entity.spec?.versions).toHaveLength(30);
    expect(JSON.stringify(entity).length).toBeLessThan(16 * 1024);
  });

  it('leaves alone what others wrote', async () => {
    const { process } = setUp();
    const theirs = { ...entityOf(), metadata: { name: 'digits' } };
    expect(await process(theirs)).toBe(theirs);
    expect(plugins.asked).toEqual([]);
  });
});
