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
import { type IssuedTokens, issuedTokensServiceRef } from './issuedTokens';
import {
  areIssued,
  isLapsed,
  isSameToken,
  readServiceToken,
  readServiceTokens,
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
  issued: IssuedTokens;
  /** Names that the configuration gives; an issued token cannot borrow the scopes of one. */
  declaredNames: string[];
  clock?: () => Date;
}): ExternalTokenHandler<ServiceToken | 'issued'> {
  const { pluginId, issued, clock = () => new Date() } = options;
  const declaredNames = new Set(options.declaredNames);
  const findIssued = async (text: string) => {
    const token = await issued.findByText(text);
    if (!token || declaredNames.has(token.name)) return undefined;
    issued.noteUse(token);
    return token;
  };
  return createExternalTokenHandler({
    type: SERVICE_TOKEN_TYPE,
    initialize: ({ options: entry }) =>
      areIssued(entry) ? 'issued' : readServiceToken(entry),
    async verifyToken(text, context) {
      const token = context === 'issued' ? await findIssued(text) : context;
      if (!token || !isSameToken(token, text)) return undefined;
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
  deps: {
    config: coreServices.rootConfig,
    issued: issuedTokensServiceRef,
    plugin: coreServices.pluginMetadata,
  },
  factory: ({ config, issued, plugin }) =>
    createServiceTokenHandler({
      pluginId: plugin.getId(),
      issued,
      declaredNames: readServiceTokens(config).map(({ name }) => name),
    }),
});
