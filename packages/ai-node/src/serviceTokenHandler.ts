import {
  createExternalTokenHandler,
  externalTokenHandlersServiceRef,
  type ExternalTokenHandler,
} from '@backstage/backend-defaults/auth';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { AuthenticationError, NotAllowedError } from '@backstage/errors';
import {
  isLapsed,
  isSameToken,
  readServiceToken,
  SERVICE_TOKEN_TYPE,
  type ServiceToken,
  subjectOf,
} from './serviceToken';

/**
 * Knows the tokens with scopes among `backend.auth.externalAccess`.
 *
 * @remarks
 *
 * A token is taken only by plugins that its scopes are about. There it comes with Backstage's own
 * restriction to the permissions by name, so that a plugin that knows nothing of scopes refuses
 * the rest, too, and calls no other plugin in its name.
 */
export function createServiceTokenHandler(options: {
  pluginId: string;
  clock?: () => Date;
}): ExternalTokenHandler<ServiceToken> {
  const { pluginId, clock = () => new Date() } = options;
  return createExternalTokenHandler({
    type: SERVICE_TOKEN_TYPE,
    initialize: context => readServiceToken(context.options),
    async verifyToken(text, token) {
      if (!isSameToken(token, text)) return undefined;
      if (isLapsed(token, clock())) {
        throw new AuthenticationError(
          `The token '${
            token.name
          }' lapsed at ${token.expiresAt?.toISOString()}: its owner, ${
            token.owner
          }, can have it renewed`,
        );
      }
      const subject = subjectOf(token.name);
      if (token.plugins.includes(pluginId)) return { subject };
      const permissionNames = token.scopes
        .map(({ permission }) => permission)
        .filter(permission => permission.startsWith(`${pluginId}.`));
      if (permissionNames.length === 0) {
        throw new NotAllowedError(
          `The token '${token.name}' has no scope in the plugin '${pluginId}'`,
        );
      }
      const verified = { subject, accessRestrictions: { permissionNames } };
      return verified;
    },
  });
}

/** Makes a backend take tokens with scopes: `backend.add(serviceTokenHandlerFactory)`. */
export const serviceTokenHandlerFactory = createServiceFactory({
  service: externalTokenHandlersServiceRef,
  deps: { plugin: coreServices.pluginMetadata },
  factory: ({ plugin }) =>
    createServiceTokenHandler({ pluginId: plugin.getId() }),
});
