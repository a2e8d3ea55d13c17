import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import {
  createIssuedToken,
  type EntityDirectory,
  OWNER_KINDS,
  parseMoment,
  problemWithScope,
  problemWithTokenName,
  requireEntity,
  type DeclaredToken,
} from '@greenroom/ai-node';
import type {
  IssuedServiceToken,
  NewServiceToken,
  ServiceToken,
} from '@greenroom/plugin-ai-registry-common';
import type { RegistryChanges } from '../events/announcement';
import type { ServiceTokenStore } from './ServiceTokenStore';

/** Each process reads all of them once a second. */
const MOST_TOKENS = 500;
const MOST_LISTED = 1_000;
const DAY_MILLIS = 24 * 60 * 60 * 1_000;
const LONGEST_LIFE_DAYS = 366;

/** Tokens of programs: those of the configuration, and those that are issued in the portal. */
export class ServiceTokenService {
  readonly #store: ServiceTokenStore;
  readonly #changes: RegistryChanges;
  readonly #directory: EntityDirectory;
  readonly #declared: DeclaredToken[];
  readonly #clock: () => Date;

  constructor(options: {
    store: ServiceTokenStore;
    changes: RegistryChanges;
    directory: EntityDirectory;
    /** Tokens that the configuration declares. */
    declared: DeclaredToken[];
    clock?: () => Date;
  }) {
    this.#store = options.store;
    this.#changes = options.changes;
    this.#directory = options.directory;
    this.#declared = options.declared;
    this.#clock = options.clock ?? (() => new Date());
  }

  /** Those of the configuration first, then the newest. */
  async list(): Promise<ServiceToken[]> {
    const declared = this.#declared.map(
      ({ name, owner, scopes, expiresAt }): ServiceToken => ({
        name,
        owner,
        scopes,
        source: 'configuration',
        expiresAt: expiresAt?.toISOString(),
      }),
    );
    return [...declared, ...(await this.#store.list(MOST_LISTED))];
  }

  /** The token is in the answer, and nowhere else. */
  async issue(
    wanted: NewServiceToken,
    createdBy: string,
  ): Promise<IssuedServiceToken> {
    checkNewServiceToken(wanted, this.#clock());
    if (this.#declared.some(({ name }) => name === wanted.name)) {
      throw new ConflictError(
        `name '${wanted.name}' belongs to a token of the configuration: choose another`,
      );
    }
    const owner = await requireEntity(this.#directory, {
      field: 'owner',
      entityRef: wanted.owner,
      kinds: OWNER_KINDS,
    });
    const { secret, sha256, prefix } = createIssuedToken();
    const { name, scopes, expiresAt } = wanted;
    const issued = await this.#changes.transaction(async tx => {
      if ((await this.#store.countValid(tx)) >= MOST_TOKENS) {
        throw new ConflictError(
          `There are ${MOST_TOKENS} tokens already: revoke those that no program uses`,
        );
      }
      const token = await this.#store.insert(tx, {
        name,
        owner,
        scopes,
        expiresAt,
        sha256,
        prefix,
        createdBy,
      });
      await this.#changes.record(tx, {
        action: 'token-issued',
        actor: createdBy,
        subject: name,
        owner,
        after: { owner, scopes, expiresAt, prefix },
        announce: [],
      });
      return token;
    });
    return { ...issued, token: secret };
  }

  /** Refused everywhere within two seconds. Revoking twice changes nothing. */
  async revoke(name: string, revokedBy: string): Promise<ServiceToken> {
    if (this.#declared.some(token => token.name === name)) {
      throw new InputError(
        `The token '${name}' is declared in backend.auth.externalAccess: take it out there and restart`,
      );
    }
    const revoked = await this.#changes.transaction(async tx => {
      const token = await this.#store.revoke(tx, { name, revokedBy });
      if (token) {
        const { owner, scopes, expiresAt, prefix } = token;
        await this.#changes.record(tx, {
          action: 'token-revoked',
          actor: revokedBy,
          subject: name,
          owner,
          before: { owner, scopes, expiresAt, prefix },
          announce: [],
        });
      }
      return token;
    });
    const token = revoked ?? (await this.#store.find(name));
    if (!token) {
      throw new NotFoundError(`There is no token '${name}'`);
    }
    return token;
  }
}

/** @throws InputError that names the field */
export function checkNewServiceToken(
  { name, scopes, expiresAt }: NewServiceToken,
  now: Date,
): void {
  const wrong =
    problemWithTokenName(name) ??
    scopes.map(problemWithScope).find(problem => problem !== undefined);
  if (wrong) throw new InputError(`The token '${name}' ${wrong}`);
  const lifeMillis = (parseMoment(expiresAt)?.getTime() ?? NaN) - now.getTime();
  if (!(lifeMillis > 0 && lifeMillis <= LONGEST_LIFE_DAYS * DAY_MILLIS)) {
    throw new InputError(
      `expiresAt '${expiresAt}' must lie in the future, at most ${LONGEST_LIFE_DAYS} days from now: write ISO 8601, such as 2027-01-31`,
    );
  }
}
