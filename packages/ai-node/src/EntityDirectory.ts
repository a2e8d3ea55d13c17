import type { AuthService } from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { checkEntityRef } from './checkEntityRef';

/** Knows which people, teams and systems there are. */
export interface EntityDirectory {
  /**
   * Whether the entity exists.
   *
   * @param entityRef - in full and in lower case
   * @throws ServiceUnavailableError when nobody can tell
   */
  has(entityRef: string): Promise<boolean>;
}

/** The software catalog as a directory. */
export class CatalogEntityDirectory implements EntityDirectory {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;

  constructor(options: { catalog: CatalogService; auth: AuthService }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  async has(entityRef: string): Promise<boolean> {
    try {
      const entity = await this.#catalog.getEntityByRef(entityRef, {
        credentials: await this.#auth.getOwnServiceCredentials(),
      });
      return entity !== undefined;
    } catch (error) {
      throw new ServiceUnavailableError(
        `The catalog does not answer, so that nobody can tell whether '${entityRef}' exists: try again later`,
        error,
      );
    }
  }
}

/**
 * An entity ref in full that names something of the right kind that exists.
 *
 * @param options.field - what the error names
 * @param options.kinds - in lower case, e.g. group and user
 * @throws InputError when it names nothing, or something of another kind
 */
export async function requireEntity(
  directory: EntityDirectory,
  options: { field: string; entityRef: string; kinds: string[] },
): Promise<string> {
  const { field, kinds } = options;
  const entityRef = checkEntityRef(field, options.entityRef);
  const { kind } = parseEntityRef(entityRef);
  if (!kinds.includes(kind)) {
    throw new InputError(
      `${field}: '${entityRef}' is a ${kind}: name a ${kinds.join(' or a ')}`,
    );
  }
  if (!(await directory.has(entityRef))) {
    throw new InputError(
      `${field}: there is no '${entityRef}' in the catalog: check its name, or add it there first`,
    );
  }
  return entityRef;
}

/** Kinds of entities that can answer for something. */
export const OWNER_KINDS = ['group', 'user'];
