import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { InputError, ResponseError } from '@backstage/errors';
import type { PlaceholderResolver } from '@backstage/plugin-catalog-node';
import { setTimeout as sleep } from 'node:timers/promises';

/** The key of the placeholder: `definition: { $openApiOf: ai-registry }`. */
export const OPEN_API_PLACEHOLDER = 'openApiOf';

const PLUGIN_ID_PATTERN = /^[a-z][a-z0-9-]*$/;

/**
 * Puts the OpenAPI document that a plugin serves into an API entity, so that the catalog
 * shows what the server validates against and nobody keeps a copy.
 *
 * @param options.attempts - how often a document is asked for; while the backend starts, the
 *   catalog may be faster than the plugin
 * @param options.retryMillis - pause between two attempts
 */
export function createOpenApiResolver(options: {
  auth: AuthService;
  discovery: DiscoveryService;
  fetch?: typeof fetch;
  attempts?: number;
  retryMillis?: number;
}): PlaceholderResolver {
  const { auth, discovery, attempts = 20, retryMillis = 1000 } = options;
  const request = options.fetch ?? fetch;

  async function read(pluginId: string): Promise<string> {
    const baseUrl = await discovery.getBaseUrl(pluginId);
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: pluginId,
    });
    const response = await request(`${baseUrl}/openapi.json`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return JSON.stringify(await response.json(), undefined, 2);
  }

  return async ({ key, value }) => {
    if (typeof value !== 'string' || !PLUGIN_ID_PATTERN.test(value)) {
      throw new InputError(
        `Placeholder $${key} expected the id of a backend plugin, such as ai-registry`,
      );
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return await read(value);
      } catch (error) {
        if (attempt >= attempts) throw error;
        await sleep(retryMillis);
      }
    }
  };
}
