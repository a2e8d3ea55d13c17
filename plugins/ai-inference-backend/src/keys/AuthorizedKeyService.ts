import type { PermissionsService } from '@backstage/backend-plugin-api';
import { isPermitted, requirePermission, userRefOf } from '@greenroom/ai-node';
import {
  aiKeyCreatePermission,
  aiKeyRevokePermission,
  type ApiKey,
  type IssuedApiKey,
  type NewApiKey,
} from '@greenroom/plugin-ai-inference-common';
import type { KeyCallOptions, KeyService } from './KeyService';

/**
 * Asks before it delegates. Everybody sees and revokes their own keys; whoever may revoke
 * the keys of others also sees them.
 */
export class AuthorizedKeyService implements KeyService {
  readonly #keys: KeyService;
  readonly #permissions: PermissionsService;

  constructor(options: { keys: KeyService; permissions: PermissionsService }) {
    this.#keys = options.keys;
    this.#permissions = options.permissions;
  }

  async issue(key: NewApiKey, options: KeyCallOptions): Promise<IssuedApiKey> {
    await requirePermission(this.#permissions, {
      permission: aiKeyCreatePermission,
      credentials: options.credentials,
    });
    return this.#keys.issue(key, options);
  }

  async list(options: KeyCallOptions): Promise<ApiKey[]> {
    const all = await isPermitted(this.#permissions, {
      permission: aiKeyRevokePermission,
      credentials: options.credentials,
    });
    return this.#keys.list({ ...options, all });
  }

  get(id: string): Promise<ApiKey> {
    return this.#keys.get(id);
  }

  async revoke(id: string, options: KeyCallOptions): Promise<ApiKey> {
    const { createdBy } = await this.#keys.get(id);
    if (createdBy !== userRefOf(options.credentials)) {
      await requirePermission(this.#permissions, {
        permission: aiKeyRevokePermission,
        credentials: options.credentials,
      });
    }
    return this.#keys.revoke(id, options);
  }
}
