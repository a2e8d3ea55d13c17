import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { toError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { nameOfActor } from '@greenroom/ai-node';
import type { Person } from '../../environments/GitHost';
import {
  formatPerson,
  type People,
  portalEmail,
  userOfPortalEmail,
} from '../../environments/people';

/** Knows people from the catalog's users: their display names, and their email addresses. */
export class CatalogPeople implements People {
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

  async personOf(actor: string): Promise<Person> {
    const entity = actor.startsWith('user:')
      ? await this.#findUser(actor)
      : undefined;
    return {
      name: displayName(entity) ?? nameOfActor(actor),
      email: portalEmail(actor),
    };
  }

  /** A name is nice to have: without the catalog the user's own name has to do. */
  async #findUser(ref: string): Promise<Entity | undefined> {
    try {
      return await this.#catalog.getEntityByRef(ref, await this.#credentials());
    } catch (error) {
      this.#logger.warn(
        `Cannot look up '${ref}' in the catalog`,
        toError(error),
      );
      return undefined;
    }
  }

  async actorOf(person: Person): Promise<string> {
    const portalUser = userOfPortalEmail(person.email);
    if (portalUser) return portalUser;
    const { items } = await this.#catalog.getEntities(
      {
        filter: { kind: 'User', 'spec.profile.email': person.email },
        fields: ['kind', 'metadata.name', 'metadata.namespace'],
        limit: 1,
      },
      await this.#credentials(),
    );
    return items[0] ? stringifyEntityRef(items[0]) : formatPerson(person);
  }

  async #credentials() {
    return { credentials: await this.#auth.getOwnServiceCredentials() };
  }
}

function displayName(entity: Entity | undefined): string | undefined {
  const profile = entity?.spec?.profile;
  return typeof profile === 'object' &&
    profile !== null &&
    'displayName' in profile &&
    typeof profile.displayName === 'string'
    ? profile.displayName
    : undefined;
}
