import { mockServices } from '@backstage/backend-test-utils';
import {
  apiEntityV1alpha1Validator,
  DefaultNamespaceEntityPolicy,
  type Entity,
  EntityPolicies,
  FieldFormatEntityPolicy,
  SchemaValidEntityPolicy,
} from '@backstage/catalog-model';
import { toContract } from '@greenroom/plugin-ai-inference-common';
import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { aiModelServerApiEntityValidator } from '@red-hat-developer-hub/backstage-plugin-catalog-model-ai-model-server';
import {
  makeDeployment,
  makeModel,
  makeVersion,
} from '../__testUtils__/FakePlugins';
import { toDeploymentFacts } from './deployedModel';
import { DeployedModelProcessor } from './DeployedModelProcessor';
import {
  type ModelServerKind,
  modelServerName,
  readModelServerKind,
  toModelServerEntity,
} from './modelServers';
import { toApiEntity } from './toApiEntity';

const LOCATION = { type: 'url', target: 'http://portal/models/digits' };
const ADDRESSES = ['https://models.example.com', 'https://other.example.com'];
const VALIDATORS = {
  API: apiEntityV1alpha1Validator,
  AiModelServerAPI: aiModelServerApiEntityValidator,
};

function serverOf(
  kind: ModelServerKind,
  { name = 'digits', addresses = ADDRESSES } = {},
): Entity | undefined {
  const api = toApiEntity(
    {
      model: makeModel({ name }),
      deployment: toDeploymentFacts(makeDeployment('production', name)),
      environment: DEFAULT_ENVIRONMENTS.last,
    },
    {
      pageOf: model => `http://portal/models/${model}`,
      isLast: true,
      addresses,
    },
  );
  return toModelServerEntity(api, { kind, addresses });
}

/** As the catalog has it in the end. */
async function process(
  entity: Entity | undefined,
  options: { embeds: boolean },
) {
  const processor = new DeployedModelProcessor({
    contracts: {
      read: async (model, { version }) =>
        toContract(makeVersion(model, version), options),
    },
    environments: DEFAULT_ENVIRONMENTS,
    logger: mockServices.logger.mock(),
  });
  const cache = { get: async () => undefined, set: async () => {} };
  const emitted: unknown[] = [];
  const emit = (result: unknown) => emitted.push(result);
  const processed = await processor.preProcessEntity(
    entity!,
    LOCATION,
    emit,
    LOCATION,
    cache,
  );
  await processor.postProcessEntity(processed, LOCATION, emit);
  return { processed, emitted };
}

describe('entities of model servers', () => {
  it.each(['API', 'AiModelServerAPI'] as const)(
    'are valid to those who know the kind %s, and say where and how the model is called',
    async kind => {
      const { processed, emitted } = await process(serverOf(kind), {
        embeds: false,
      });
      const policy = EntityPolicies.allOf([
        new SchemaValidEntityPolicy(),
        new DefaultNamespaceEntityPolicy(),
        new FieldFormatEntityPolicy(),
      ]);
      await expect(policy.enforce(processed)).resolves.toBeDefined();
      await expect(VALIDATORS[kind].check(processed)).resolves.toBe(true);
      expect(processed).toMatchObject({
        kind,
        metadata: {
          namespace: 'production',
          name: kind === 'API' ? 'digits.server' : 'digits',
        },
        spec: {
          type: 'ai-model-server',
          lifecycle: 'production',
          owner: 'group:default/vision-team',
          serverType: 'open-inference-v2',
          serverUrl: 'https://models.example.com',
          requiresApiKey: true,
          apiEntityRef: 'api:production/digits',
          models: { discoverable: false, available: ['digits'] },
        },
      });
      // The API beside it has the relations.
      expect(emitted).toEqual([]);
    },
  );

  it("lead what speaks OpenAI's API to where that is", async () => {
    const server = serverOf('AiModelServerAPI');
    const { processed } = await process(server, { embeds: true });
    expect(processed.spec).toMatchObject({
      serverType: 'openai-v1',
      serverUrl: 'https://models.example.com/v1',
      models: {
        discoverable: true,
        available: ['digits'],
        default: 'digits',
      },
    });
  });

  it('are not there while nobody knows where the model is reached', () => {
    expect(serverOf('API', { addresses: [] })).toBeUndefined();
  });

  it('have a name of their own beside the API, however long that of the model is', () => {
    const longest = 'm'.repeat(63);
    const other = `${longest.slice(0, 62)}n`;
    const names = [longest, other].map(name => modelServerName(name, 'API'));
    expect(names[0]).toMatch(/^m{47}\.[0-9a-f]{8}\.server$/);
    expect(names[1]).not.toBe(names[0]);
    expect(modelServerName('m'.repeat(56), 'API')).toBe(
      `${'m'.repeat(56)}.server`,
    );
    expect(modelServerName(longest, 'AiModelServerAPI')).toBe(longest);
  });

  it('are only there where a kind is chosen that somebody knows', () => {
    const read = (modelServers?: string) =>
      readModelServerKind(
        mockServices.rootConfig({
          data: { aiRegistry: { catalog: { modelServers } } },
        }),
      );
    expect(read()).toBeUndefined();
    expect(read('AiModelServerAPI')).toBe('AiModelServerAPI');
    expect(() => read('Component')).toThrow(
      "aiRegistry.catalog.modelServers is 'Component', expected API or AiModelServerAPI",
    );
  });
});
