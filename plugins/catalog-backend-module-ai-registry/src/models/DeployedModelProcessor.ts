import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  type CompoundEntityRef,
  type Entity,
  getCompoundEntityRef,
  RELATION_API_PROVIDED_BY,
  RELATION_PROVIDES_API,
} from '@backstage/catalog-model';
import { toError } from '@backstage/errors';
import {
  type CatalogProcessor,
  type CatalogProcessorCache,
  type CatalogProcessorEmit,
  processingResult,
} from '@backstage/plugin-catalog-node';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import type { JsonObject, JsonValue } from '@backstage/types';
import {
  describeDeployment,
  type DescribedVersion,
  type VersionContract,
} from '@greenroom/plugin-ai-inference-common';
import {
  ANNOTATION_ENVIRONMENT,
  ANNOTATION_MODEL,
  type Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { ContractReader } from './ContractReader';
import type { DeploymentFacts, ServedVersion } from './deployedModel';
import { ENTITY_TYPE_MODEL_SERVER, serverFacts } from './modelServers';
import { UNREAD } from './unread';

/** Name of what is kept of versions; another one when contracts have other fields, so that old ones are read anew. */
const CONTRACTS = 'contracts-1';

type KeptContracts = Record<string, JsonObject>;

interface DeployedApi {
  model: string;
  environment: string;
  deployment: DeploymentFacts & { addresses: string[]; personal?: true };
}

/**
 * Fills in the definition of the API entity of a deployed model, and relates the two. What versions
 * take is read once and kept in the catalog's own cache of the entity, since it never changes.
 */
export class DeployedModelProcessor implements CatalogProcessor {
  readonly #contracts: Pick<ContractReader, 'read'>;
  readonly #environments: Environments;
  readonly #logger: LoggerService;

  constructor(options: {
    contracts: Pick<ContractReader, 'read'>;
    environments: Environments;
    logger: LoggerService;
  }) {
    this.#contracts = options.contracts;
    this.#environments = options.environments;
    this.#logger = options.logger;
  }

  getProcessorName(): string {
    return 'DeployedModelProcessor';
  }

  async preProcessEntity(
    entity: Entity,
    _location: LocationSpec,
    emit: CatalogProcessorEmit,
    _origin: LocationSpec,
    cache: CatalogProcessorCache,
  ): Promise<Entity> {
    const api = readDeployedApi(entity);
    if (!api || entity.spec?.definition !== undefined) return entity;
    const isServer = isModelServer(entity);
    const versions = await this.#readVersions(api, cache);
    if (versions.some(({ contract }) => !contract)) {
      emit(processingResult.refresh(UNREAD));
    }
    const [address] = api.deployment.addresses;
    const tasks = versions.flatMap(({ contract }) => contract?.tasks ?? []);
    const document = describeDeployment({
      title: entity.metadata.title ?? api.model,
      description: entity.metadata.description ?? '',
      model: api.model,
      environment:
        this.#environments.find(api.environment)?.title ?? api.environment,
      versions,
      addresses: api.deployment.addresses,
    });
    return {
      ...entity,
      spec: {
        ...entity.spec,
        ...(isServer && address && serverFacts(api.model, address, tasks)),
        definition: JSON.stringify(document, undefined, 2),
      },
    };
  }

  async postProcessEntity(
    entity: Entity,
    _location: LocationSpec,
    emit: CatalogProcessorEmit,
  ): Promise<Entity> {
    const api = readDeployedApi(entity);
    // The API beside it is what the model provides.
    if (api && !isModelServer(entity)) {
      const provider: CompoundEntityRef = {
        kind: 'Resource',
        namespace: 'default',
        name: api.model,
      };
      const provided = getCompoundEntityRef(entity);
      emit(
        processingResult.relation({
          source: provided,
          type: RELATION_API_PROVIDED_BY,
          target: provider,
        }),
      );
      emit(
        processingResult.relation({
          source: provider,
          type: RELATION_PROVIDES_API,
          target: provided,
        }),
      );
    }
    return entity;
  }

  async #readVersions(
    { model, environment, deployment }: DeployedApi,
    cache: CatalogProcessorCache,
  ): Promise<DescribedVersion[]> {
    const { serving, wanted, personal } = deployment;
    const named: (ServedVersion & { sharePercent: number })[] =
      serving.length > 0 ? serving : [{ ...wanted, sharePercent: 0 }];
    const isPersonal = personal === true;
    const kept = (await cache.get<KeptContracts>(CONTRACTS)) ?? {};
    const next: KeptContracts = {};
    const versions: DescribedVersion[] = [];
    for (const { version, digest, sharePercent } of named) {
      // What was read of rows before a model was tagged personal is not to be told any more.
      const key = isPersonal ? `personal ${digest}` : digest;
      let contract = kept[key] as unknown as VersionContract | undefined;
      try {
        contract ??= await this.#contracts.read(
          model,
          { version, digest },
          { isPersonal },
        );
        next[key] = contract as unknown as JsonObject;
      } catch (error) {
        this.#logger.warn(
          `What version ${version} of '${model}' takes is not in the catalog's API of ${environment}, and is read again: ${
            toError(error).message
          }`,
        );
      }
      versions.push({ version, sharePercent, ...(contract && { contract }) });
    }
    await cache.set<KeptContracts>(CONTRACTS, next);
    return versions;
  }
}

function isModelServer({ spec }: Pick<Entity, 'spec'>): boolean {
  return spec?.type === ENTITY_TYPE_MODEL_SERVER;
}

/** Undefined for an entity that somebody else wrote. */
function readDeployedApi({
  kind,
  metadata,
  spec,
}: Entity): DeployedApi | undefined {
  const model = metadata.annotations?.[ANNOTATION_MODEL];
  const environment = metadata.annotations?.[ANNOTATION_ENVIRONMENT];
  const deployment: JsonValue | undefined = spec?.deployment;
  if (!model || !environment || !deployment) return undefined;
  if (kind !== 'API' && !isModelServer({ spec })) return undefined;
  return {
    model,
    environment,
    deployment: deployment as DeployedApi['deployment'],
  };
}
