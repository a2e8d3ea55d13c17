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
import { areFederated } from './federated/federatedToken';
import {
  type FederatedTokens,
  federatedTokensServiceRef,
} from './federated/FederatedTokens';
import { type IssuedTokens, issuedTokensServiceRef } from './issuedTokens';
import {
  areIssued,
  isSameToken,
  readServiceToken,
  readServiceTokens,
  SERVICE_TOKEN_TYPE,
  type ServiceToken,
  subjectOf,
} from './serviceToken';
import { isLapsed, type TokenTerms } from './tokenTerms';

/** An entry that stands for many tokens, and not for one. */
type Many = 'issued' | 'federated' | 'asked before';

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
  federated: Pick<FederatedTokens, 'findByText'>;
  /** Names that the configuration gives; an issued token cannot borrow the scopes of one. */
  declaredNames: string[];
  clock?: () => Date;
}): ExternalTokenHandler<ServiceToken | Many> {
  const { pluginId, issued, federated, clock = () => new Date() } = options;
  const declaredNames = new Set(options.declaredNames);
  let isFederatedAsked = false;
  const findIssued = async (text: string) => {
    const token = await issued.findByText(text);
    if (!token || declaredNames.has(token.name)) return undefined;
    issued.noteUse(token);
    return token;
  };
  const find = async (
    text: string,
    context: ServiceToken | Many,
  ): Promise<TokenTerms | undefined> => {
    switch (context) {
      case 'issued':
        return findIssued(text);
      case 'federated':
        return federated.findByText(text);
      case 'asked before':
        return undefined;
      default:
        return isSameToken(context, text) ? context : undefined;
    }
  };
  return createExternalTokenHandler({
    type: SERVICE_TOKEN_TYPE,
    initialize({ options: entry }) {
      if (areIssued(entry)) return 'issued';
      if (areFederated(entry)) {
        // The first entry asks for all of them: a refusal is one, and logged once.
        const context = isFederatedAsked ? 'asked before' : 'federated';
        isFederatedAsked = true;
        return context;
      }
      return readServiceToken(entry);
    },
    async verifyToken(text, context) {
      const token = await find(text, context);
      if (!token) return undefined;
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
    federated: federatedTokensServiceRef,
    plugin: coreServices.pluginMetadata,
  },
  factory: ({ config, issued, federated, plugin }) =>
    createServiceTokenHandler({
      pluginId: plugin.getId(),
      issued,
      federated,
      declaredNames: readServiceTokens(config).map(({ name }) => name),
    }),
});
