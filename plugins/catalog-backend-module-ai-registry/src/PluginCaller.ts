import type { AuthService } from '@backstage/backend-plugin-api';
import type { RequestOptions } from '@greenroom/plugin-ai-registry-common';

/** A token of the catalog for one request to another plugin. */
export type PluginCaller = (
  pluginId: 'ai-registry' | 'ai-inference',
  signal?: AbortSignal,
) => Promise<RequestOptions>;

export function createPluginCaller(auth: AuthService): PluginCaller {
  return async (targetPluginId, signal) => ({
    ...(await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId,
    })),
    signal,
  });
}
