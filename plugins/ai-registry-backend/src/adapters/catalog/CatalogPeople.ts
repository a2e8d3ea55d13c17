import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import {
  RELATION_MEMBER_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
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
  readonly #accountAnnotation: string | undefined;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
    /** Annotation of users that names their account at the Git host, such as github.com/user-login. */
    accountAnnotation?: string;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#accountAnnotation = options.accountAnnotation;
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
    const { account, email } = person;
    if (account === undefined) {
      const [found] = await this.#findUsers({ 'spec.profile.email': email });
      return found ?? formatPerson(person);
    }
    // Of an account, the Git host says whose it is; an address anybody can write into a commit.
    const annotation = this.#accountAnnotation;
    const found =
      annotation === undefined
        ? []
        : await this.#findUsers({
            [`metadata.annotations.${annotation}`]: account,
          });
    // Two users with the same account are nobody.
    return found.length === 1 ? found[0] : formatPerson(person);
  }

  async membershipsOf(actor: string): Promise<string[]> {
    const entity = await this.#catalog.getEntityByRef(
      actor,
      await this.#credentials(),
    );
    const groups = (entity?.relations ?? [])
      .filter(({ type }) => type === RELATION_MEMBER_OF)
      .map(({ targetRef }) => targetRef);
    return [actor, ...groups];
  }

  async #findUsers(filter: Record<string, string>): Promise<string[]> {
    const { items } = await this.#catalog.getEntities(
      {
        filter: { kind: 'User', ...filter },
        fields: ['kind', 'metadata.name', 'metadata.namespace'],
        limit: 2,
      },
      await this.#credentials(),
    );
    return items.map(item => stringifyEntityRef(item));
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
