import type { PermissionsService } from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  checkEntityRef,
  isPermitted,
  type OwnershipClaims,
  requirePermission,
  userRefOf,
} from '@greenroom/ai-node';
import {
  aiKeyCreateForAllModelsPermission,
  aiKeyCreateForOthersPermission,
  aiKeyCreatePermission,
  aiKeyRevokePermission,
  aiModelInvokePermission,
  type ApiKey,
  type IssuedApiKey,
  type KeyScope,
  type NewApiKey,
} from '@greenroom/plugin-ai-inference-common';
import {
  type Environments,
  type Page,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import type { KeyCallOptions, KeyQuery, KeyService } from './KeyService';
import type { AskedKeyLimits } from './parseLimits';

/**
 * Asks before it delegates. A key may do no more than who issues it. People see, limit and revoke
 * the keys that they issued or own, programs those that they issued; whoever may revoke the keys of
 * others also sees them.
 */
export class AuthorizedKeyService implements KeyService {
  readonly #keys: KeyService;
  readonly #permissions: PermissionsService;
  readonly #claims: OwnershipClaims;
  readonly #environments: Environments;

  constructor(options: {
    keys: KeyService;
    permissions: PermissionsService;
    claims: OwnershipClaims;
    environments: Environments;
  }) {
    this.#keys = options.keys;
    this.#permissions = options.permissions;
    this.#claims = options.claims;
    this.#environments = options.environments;
  }

  async issue(key: NewApiKey, options: KeyCallOptions): Promise<IssuedApiKey> {
    await requirePermission(this.#permissions, {
      permission: aiKeyCreatePermission,
      credentials: options.credentials,
    });
    const owner = await this.#chooseOwner(key, options);
    await this.#requireModels(key.models, options);
    if (key.scopes?.includes('train')) await this.#requireOwner(owner, options);
    return this.#keys.issue({ ...key, owner }, options);
  }

  async list(
    query: KeyQuery,
    { credentials }: KeyCallOptions,
  ): Promise<Page<ApiKey>> {
    const all = await isPermitted(this.#permissions, {
      permission: aiKeyRevokePermission,
      credentials,
    });
    const owners = all ? 'all' : await this.#claimsOfPerson({ credentials });
    return this.#keys.list({ ...query, owners }, { credentials });
  }

  get(id: string): Promise<ApiKey> {
    return this.#keys.get(id);
  }

  async setLimits(
    id: string,
    limits: AskedKeyLimits,
    options: KeyCallOptions,
  ): Promise<ApiKey> {
    await this.#requireMine(id, options);
    return this.#keys.setLimits(id, limits, options);
  }

  /** Who gives a key more is asked for as much as who issues it. */
  async setScopes(
    id: string,
    scopes: readonly KeyScope[],
    options: KeyCallOptions,
  ): Promise<ApiKey> {
    await this.#requireMine(id, options);
    const { models, owner, scopes: before } = await this.#keys.get(id);
    const isMore = scopes.some(scope => !before.includes(scope));
    if (isMore) await this.#requireModels(models, options);
    if (scopes.includes('train') && !before.includes('train')) {
      await this.#requireOwner(owner, options);
    }
    return this.#keys.setScopes(id, scopes, options);
  }

  async revoke(id: string, options: KeyCallOptions): Promise<ApiKey> {
    await this.#requireMine(id, options);
    return this.#keys.revoke(id, options);
  }

  /** What others issued and own is for those who may revoke keys of others. */
  async #requireMine(id: string, options: KeyCallOptions): Promise<void> {
    const { credentials } = options;
    const { createdBy, owner } = await this.#keys.get(id);
    const isOwn =
      createdBy === userRefOf(credentials) ||
      (await this.#claimsOfPerson(options)).includes(owner);
    if (!isOwn) {
      await requirePermission(this.#permissions, {
        permission: aiKeyRevokePermission,
        credentials,
      });
    }
  }

  /**
   * A key with `train` uses the quota and the budget of its owner. Who may issue keys for others does not
   * belong to them by that.
   */
  async #requireOwner(owner: string, options: KeyCallOptions): Promise<void> {
    if ((await this.#claimsOfPerson(options)).includes(owner)) return;
    throw new NotAllowedError(
      `scopes: a key with 'train' uses the quota of '${owner}', and only people who belong to it give one: ask one of them, or leave it out`,
    );
  }

  /** A program does what its scopes say, and not what its owner may. */
  async #claimsOfPerson({ credentials }: KeyCallOptions): Promise<string[]> {
    return userRefOf(credentials).startsWith('user:')
      ? this.#claims.of(credentials)
      : [];
  }

  /** The one that is asked for, if the caller belongs to it or may issue keys for others. */
  async #chooseOwner(
    { owner }: NewApiKey,
    { credentials }: KeyCallOptions,
  ): Promise<string> {
    const claims = await this.#claims.of(credentials);
    const actor = userRefOf(credentials);
    if (owner === undefined) {
      const own = claims.includes(actor) ? actor : claims.at(0);
      if (own !== undefined) return own;
      throw new InputError(
        'owner: name the group or user that answers for the key, such as group:default/vision-team',
      );
    }
    if (claims.includes(checkEntityRef('owner', owner))) return owner;
    const mayForOthers = await isPermitted(this.#permissions, {
      permission: aiKeyCreateForOthersPermission,
      credentials,
    });
    if (mayForOthers) return owner;
    throw new NotAllowedError(
      `owner: you do not belong to '${owner}': name yourself or a group that you are a member of, or ask somebody with the permission '${aiKeyCreateForOthersPermission.name}'`,
    );
  }

  /** A key works in all environments, so who issues it has to be allowed to call in all of them. */
  async #requireModels(
    models: string[],
    { credentials }: KeyCallOptions,
  ): Promise<void> {
    if (models.includes('*')) {
      await requirePermission(this.#permissions, {
        permission: aiKeyCreateForAllModelsPermission,
        credentials,
      });
      return;
    }
    const places = models.flatMap(model =>
      this.#environments.names.map(environment =>
        placeRef({ environment, model }),
      ),
    );
    if (places.length === 0) return;
    const decisions = await this.#permissions.authorize(
      places.map(resourceRef => ({
        permission: aiModelInvokePermission,
        resourceRef,
      })),
      { credentials },
    );
    const refused = places.filter(
      (_, index) => decisions[index].result !== AuthorizeResult.ALLOW,
    );
    if (refused.length > 0) {
      throw new NotAllowedError(
        `models: a key may do no more than who issues it, and you need the permission '${
          aiModelInvokePermission.name
        }' on ${refused
          .map(place => `'${place}'`)
          .join(', ')}: ask an owner of the model for the key`,
      );
    }
  }
}
