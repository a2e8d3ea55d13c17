import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import { toError } from '@backstage/errors';
import type { LocationSpec } from '@backstage/plugin-catalog-common';
import {
  type CatalogProcessor,
  type CatalogProcessorCache,
  type CatalogProcessorEmit,
  processingResult,
} from '@backstage/plugin-catalog-node';
import type { JsonObject } from '@backstage/types';
import {
  type AiRegistryClient,
  ANNOTATION_MODEL,
  ANNOTATION_UPDATED_AT,
  ENTITY_TYPE_AI_MODEL,
} from '@greenroom/plugin-ai-registry-common';
import type { PluginCaller } from '../PluginCaller';
import type { DeploymentFacts } from './deployedModel';
import { type ModelFacts, readModelFacts } from './readModelFacts';
import { UNREAD } from './unread';

/** Name of what is kept; another one when facts have other fields, so that old ones are read anew. */
const FACTS = 'facts-1';

interface KeptFacts extends JsonObject {
  /** What they were read as of. */
  asOf: string;
  facts: ModelFacts;
}

/**
 * Fills in the versions of a model's entity, and the datasets that it depends on. Both are read when
 * the model has changed, and kept in the catalog's own cache of the entity until it does again.
 */
export class ModelFactsProcessor implements CatalogProcessor {
  readonly #options: {
    registry: AiRegistryClient;
    call: PluginCaller;
    logger: LoggerService;
  };

  constructor(options: {
    registry: AiRegistryClient;
    call: PluginCaller;
    logger: LoggerService;
  }) {
    this.#options = options;
  }

  getProcessorName(): string {
    return 'ModelFactsProcessor';
  }

  async preProcessEntity(
    entity: Entity,
    _location: LocationSpec,
    emit: CatalogProcessorEmit,
    _origin: LocationSpec,
    cache: CatalogProcessorCache,
  ): Promise<Entity> {
    const model = entity.metadata.annotations?.[ANNOTATION_MODEL];
    const updatedAt = entity.metadata.annotations?.[ANNOTATION_UPDATED_AT];
    // Others may write entities of this type, too.
    if (entity.spec?.type !== ENTITY_TYPE_AI_MODEL || !model || !updatedAt) {
      return entity;
    }
    const environments = entity.spec.environments as DeploymentFacts[];
    const named = versionsIn(environments);
    const asOf = `${updatedAt} ${named.join()}`;
    const kept = await cache.get<KeptFacts>(FACTS);
    let facts = kept?.facts;
    if (kept?.asOf !== asOf) {
      try {
        facts = await readModelFacts(model, named, this.#options);
        await cache.set<KeptFacts>(FACTS, { asOf, facts });
      } catch (error) {
        emit(processingResult.refresh(UNREAD));
        this.#options.logger.warn(
          `The versions of '${model}' in the catalog are those of before, and are read again: ${
            toError(error).message
          }`,
        );
      }
    }
    if (!facts) return entity;
    return {
      ...entity,
      spec: {
        ...entity.spec,
        versions: facts.versions.map(version => ({
          ...version,
          environments: environmentsOf(version.version, environments),
        })),
        ...(facts.datasets.length > 0 && { dependsOn: facts.datasets }),
      },
    };
  }
}

/** Those that some environment wants or serves, ascending. */
function versionsIn(environments: DeploymentFacts[]): number[] {
  const named = environments.flatMap(({ wanted, serving }) => [
    wanted.version,
    ...serving.map(({ version }) => version),
  ]);
  return [...new Set(named)].sort((one, other) => one - other);
}

/** Names of those that want or serve a version. */
function environmentsOf(
  version: number,
  environments: DeploymentFacts[],
): string[] {
  return environments
    .filter(
      ({ wanted, serving }) =>
        wanted.version === version ||
        serving.some(one => one.version === version),
    )
    .map(({ environment }) => environment);
}
