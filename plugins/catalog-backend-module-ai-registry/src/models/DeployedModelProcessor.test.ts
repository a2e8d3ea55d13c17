import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { CatalogProcessorResult } from '@backstage/plugin-catalog-node';
import type { JsonValue } from '@backstage/types';
import { toContract } from '@greenroom/plugin-ai-inference-common';
import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import {
  digestOf,
  makeDeployment,
  makeModel,
  makeVersion,
} from '../__testUtils__/FakePlugins';
import { toDeploymentFacts } from './deployedModel';
import { DeployedModelProcessor } from './DeployedModelProcessor';
import { toApiEntity } from './toApiEntity';
import { UNREAD } from './unread';

const LOCATION = { type: 'url', target: 'http://portal/models/digits' };

function apiOf(version: number, tags = {}): Entity {
  return toApiEntity(
    {
      model: makeModel({ tags }),
      deployment: toDeploymentFacts(
        makeDeployment('production', 'digits', version),
      ),
      environment: DEFAULT_ENVIRONMENTS.last,
    },
    {
      pageOf: name => `http://portal/models/${name}`,
      isLast: true,
      addresses: ['https://models.example.com'],
    },
  );
}

/** A processor, and the catalog's cache of one entity. */
function setUp() {
  const read = jest.fn(
    async (model: string, { version }: { version: number }) =>
      toContract(makeVersion(model, version), { embeds: false }),
  );
  const processor = new DeployedModelProcessor({
    contracts: { read },
    environments: DEFAULT_ENVIRONMENTS,
    logger: mockServices.logger.mock(),
  });
  const kept = new Map<string, JsonValue>();
  const emitted: CatalogProcessorResult[] = [];
  const emit = (result: CatalogProcessorResult) => emitted.push(result);
  const cache = {
    get: async <Item extends JsonValue>(key: string) =>
      kept.get(key) as Item | undefined,
    set: async (key: string, value: JsonValue) => {
      kept.set(key, JSON.parse(JSON.stringify(value)));
    },
  };
  return {
    read,
    emitted,
    kept,
    process: (entity: Entity) =>
      processor.preProcessEntity(entity, LOCATION, emit, LOCATION, cache),
    relate: (entity: Entity) =>
      processor.postProcessEntity(entity, LOCATION, emit),
  };
}

const definitionOf = (entity: Entity) =>
  JSON.parse(String(entity.spec?.definition));

describe('DeployedModelProcessor', () => {
  it('fills in the definition, and reads of each version only once', async () => {
    const { process, read, kept } = setUp();
    const first = definitionOf(await process(apiOf(1)));
    expect(first).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Handwritten digits in production', version: '1' },
      servers: [{ url: 'https://models.example.com' }],
    });
    expect(definitionOf(await process(apiOf(1)))).toEqual(first);
    expect(read).toHaveBeenCalledTimes(1);
    await process(apiOf(2));
    expect(read).toHaveBeenCalledTimes(2);
    // Only of those that are described now.
    expect(Object.keys(Object(kept.get('contracts-1')))).toEqual([digestOf(2)]);
  });

  it('does not go on with what was read before a model was personal', async () => {
    const { process, read } = setUp();
    await process(apiOf(1));
    await process(apiOf(1, { personal: 'yes' }));
    expect(read.mock.calls.map(call => call.slice(2))).toEqual([
      [{ isPersonal: false }],
      [{ isPersonal: true }],
    ]);
  });

  it('says so where a version cannot be read, and wants to be processed again', async () => {
    const { process, read, emitted } = setUp();
    read.mockRejectedValueOnce(new Error('registry is down'));
    const { info, paths } = definitionOf(await process(apiOf(1)));
    expect(info.description).toContain('could not be read from the registry');
    expect(Object.keys(paths)).toHaveLength(2);
    expect(emitted).toEqual([{ type: 'refresh', key: UNREAD }]);
    const again = definitionOf(await process(apiOf(1)));
    expect(again.info.description).not.toContain('could not be read');
    expect(emitted).toHaveLength(1);
  });

  it('relates the API with the model, both ways', async () => {
    const { relate, emitted } = setUp();
    await relate(apiOf(1));
    const model = { kind: 'Resource', namespace: 'default', name: 'digits' };
    const api = { kind: 'API', namespace: 'production', name: 'digits' };
    expect(emitted).toEqual([
      {
        type: 'relation',
        relation: { source: api, type: 'apiProvidedBy', target: model },
      },
      {
        type: 'relation',
        relation: { source: model, type: 'providesApi', target: api },
      },
    ]);
  });

  it('leaves alone what others wrote', async () => {
    const { process, relate, read, emitted } = setUp();
    const others: Entity[] = [
      { ...apiOf(1), spec: { type: 'openapi', definition: 'theirs' } },
      { ...apiOf(1), kind: 'Component' },
      { ...apiOf(1), metadata: { name: 'digits' } },
    ];
    for (const entity of others) {
      expect(await process(entity)).toBe(entity);
      expect(await relate(entity)).toBe(entity);
    }
    expect(read).not.toHaveBeenCalled();
    expect(emitted).toEqual([]);
  });
});
