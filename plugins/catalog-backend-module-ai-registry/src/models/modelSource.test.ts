import { mockServices } from '@backstage/backend-test-utils';
import {
  apiEntityV1alpha1Validator,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import {
  AiRegistryClient,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import {
  digestOf,
  FakePlugins,
  makeDeployment,
  makeModel,
} from '../__testUtils__/FakePlugins';
import { createPluginCaller } from '../PluginCaller';
import { AddressBook } from './AddressBook';
import type { ModelServerKind } from './modelServers';
import { modelSource } from './modelSource';

const plugins = new FakePlugins();

function createSource(config: object = {}, modelServers?: ModelServerKind) {
  const discoveryApi = {
    getBaseUrl: async (pluginId: string) => plugins.urlOf(pluginId),
  };
  const registry = new AiRegistryClient({ discoveryApi });
  const inference = new AiInferenceClient({ discoveryApi });
  const call = createPluginCaller(mockServices.auth({ pluginId: 'catalog' }));
  const environments = Environments.fromConfig(
    mockServices.rootConfig({ data: { greenroom: config } }),
  );
  const addresses = new AddressBook({ inference, call, environments });
  return modelSource({
    registry,
    inference,
    call,
    environments,
    addresses,
    modelServers,
    pageOf: name => `http://portal/models/${name}`,
  });
}

const refsOf = (
  source: ReturnType<typeof createSource>,
  items: Map<string, any>,
) =>
  [...items.values()].flatMap(item =>
    source.toEntities(item).map(stringifyEntityRef),
  );

beforeAll(() => plugins.start());
afterAll(() => plugins.stop());
beforeEach(() => {
  plugins.isWithoutInference = false;
  plugins.dataPlanes = [];
  plugins.models = ['a', 'b', 'c'].map(name => makeModel({ name }));
  plugins.deployments = [
    makeDeployment('dev', 'a'),
    makeDeployment('production', 'a'),
    makeDeployment('production', 'c'),
    makeDeployment('elsewhere', 'c'),
    makeDeployment('production', 'unknown'),
  ];
});

describe('modelSource', () => {
  it('has an entity for each model, and an API for each of its deployments', async () => {
    const source = createSource();
    const all = await source.list();
    expect(refsOf(source, all)).toEqual([
      'resource:default/a',
      'api:dev/a',
      'api:production/a',
      'resource:default/b',
      'resource:default/c',
      'api:production/c',
    ]);
    const some = await source.find(['a', 'gone', 'b']);
    expect(refsOf(source, some)).toEqual([
      'resource:default/a',
      'api:dev/a',
      'api:production/a',
      'resource:default/b',
    ]);
  });

  it('may have had an API in each environment', () => {
    expect(createSource().refsOf('a')).toEqual([
      'resource:default/a',
      'api:dev/a',
      'api:staging/a',
      'api:production/a',
    ]);
  });

  it('has the servers of models beside their APIs where those are asked for, and takes them away with them', async () => {
    plugins.dataPlanes = [
      { environment: 'production', publicUrl: 'http://plane/', online: true },
    ];
    const source = createSource({}, 'API');
    expect(refsOf(source, await source.list())).toEqual([
      'resource:default/a',
      'api:dev/a',
      'api:production/a',
      'api:production/a.server',
      'resource:default/b',
      'resource:default/c',
      'api:production/c',
      'api:production/c.server',
    ]);
    expect(source.refsOf('a')).toEqual([
      'resource:default/a',
      'api:dev/a',
      'api:dev/a.server',
      'api:staging/a',
      'api:staging/a.server',
      'api:production/a',
      'api:production/a.server',
    ]);
  });

  it('has the models where nothing serves them', async () => {
    plugins.isWithoutInference = true;
    const source = createSource();
    expect(refsOf(source, await source.list())).toEqual([
      'resource:default/a',
      'resource:default/b',
      'resource:default/c',
    ]);
  });

  it('says what callers of an API have to know', async () => {
    plugins.models = [
      makeModel({
        name: 'a',
        system: 'system:default/ai-demo',
        tags: { personal: '' },
      }),
    ];
    plugins.deployments = [
      makeDeployment('production', 'a', 2, {
        variants: [{ version: 1, digest: digestOf(1), weightPercent: 100 }],
        plannedVariants: [
          { version: 1, digest: digestOf(1), weightPercent: 90 },
          { version: 2, digest: digestOf(2), weightPercent: 10 },
          { version: 3, digest: digestOf(3), weightPercent: 0 },
        ],
      }),
    ];
    const source = createSource({
      environments: [
        {
          name: 'production',
          title: 'Live',
          dataPlane: { address: 'https://models.example.com/' },
        },
      ],
    });
    const [item] = (await source.list()).values();
    const [, api] = source.toEntities(item);
    expect(api).toEqual({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'API',
      metadata: {
        namespace: 'production',
        name: 'a',
        title: 'Handwritten digits in Live',
        description: 'Reads a digit.',
        annotations: {
          'backstage.io/managed-by-location': 'url:http://portal/models/a',
          'backstage.io/managed-by-origin-location':
            'url:http://portal/models/a',
          'greenroom.dev/model': 'a',
          'greenroom.dev/environment': 'production',
        },
        links: [
          {
            url: 'http://portal/models/a',
            title: 'Model registry',
            type: 'ai-model',
          },
        ],
        tags: ['classification', 'personal'],
      },
      spec: {
        type: 'openapi',
        lifecycle: 'production',
        owner: 'group:default/vision-team',
        system: 'system:default/ai-demo',
        deployment: {
          environment: 'production',
          wanted: { version: 2, digest: digestOf(2) },
          serving: [
            { version: 1, digest: digestOf(1), sharePercent: 90 },
            { version: 2, digest: digestOf(2), sharePercent: 10 },
          ],
          state: 'serving',
          addresses: ['https://models.example.com'],
          personal: true,
        },
      },
    });
    await expect(
      apiEntityV1alpha1Validator.check({
        ...api,
        spec: { ...api.spec, definition: '{}' },
      }),
    ).resolves.toBe(true);
  });

  it('takes the address that data planes say where none is configured, and remembers it while they sleep', async () => {
    plugins.models = [makeModel({ name: 'a' })];
    const source = createSource();
    const addresses = async () => {
      const [item] = (await source.list()).values();
      return source
        .toEntities(item)
        .slice(1)
        .map(({ spec }) => Object(spec?.deployment).addresses);
    };
    expect(await addresses()).toEqual([[], []]);
    const of = (port: number, online = true) => ({
      environment: 'production',
      publicUrl: `http://10.0.0.1:${port}/`,
      online,
    });
    plugins.dataPlanes = [9, 8, 8, 1, 2, 3, 4].map(port => of(port));
    plugins.dataPlanes.push(of(7, false));
    const told = [1, 2, 3, 4, 8].map(port => `http://10.0.0.1:${port}`);
    expect(await addresses()).toEqual([[], told]);
    plugins.dataPlanes = [];
    expect(await addresses()).toEqual([[], told]);
  });
});
