import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  RELATION_DEPENDS_ON,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { toError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  type Consumer,
  type Consumers,
  MOST_CONSUMERS,
} from '../../promotion/evidence/Consumers';

/** Entities of the catalog that depend on the entity that stands for a model. */
export class CatalogConsumers implements Consumers {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
  }

  async of(model: string): Promise<Consumer[] | undefined> {
    try {
      const { items } = await this.#catalog.getEntities(
        {
          filter: {
            [`relations.${RELATION_DEPENDS_ON}`]: `resource:default/${model}`,
          },
          fields: ['kind', 'metadata.name', 'metadata.namespace', 'relations'],
          order: { field: 'metadata.name', order: 'asc' },
          limit: MOST_CONSUMERS,
        },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      );
      return items.map(toConsumer);
    } catch (error) {
      // Who uses it is good to know; a promotion does not wait for it.
      this.#logger.warn(
        `The catalog does not say who uses '${model}'`,
        toError(error),
      );
      return undefined;
    }
  }
}

function toConsumer(entity: Entity): Consumer {
  const owner = entity.relations?.find(
    ({ type }) => type === RELATION_OWNED_BY,
  )?.targetRef;
  return {
    entity: stringifyEntityRef(entity),
    ...(owner !== undefined && { owner }),
  };
}
