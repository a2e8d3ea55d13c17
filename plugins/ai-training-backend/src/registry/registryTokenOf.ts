import type {
  AuthService,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import type { CallOptions } from '../callOptions';

/** Who asks, with the token that they sent. */
export interface RegistryCall extends CallOptions {
  req: { headers: { authorization?: string } };
}

/**
 * The token that the registry is asked with for a caller. People are acted for by this plugin. A program's token says
 * itself what it may do there, and cannot be acted for; it is sent on.
 */
export async function registryTokenOf(
  auth: Pick<AuthService, 'getPluginRequestToken'>,
  { credentials, req }: RegistryCall,
): Promise<string> {
  const principal = credentials.principal as
    | BackstageUserPrincipal
    | BackstageServicePrincipal;
  const isProgram =
    principal.type === 'service' && !principal.subject.startsWith('plugin:');
  const sent = /^Bearer\s+(\S+)\s*$/i.exec(req.headers.authorization ?? '');
  if (isProgram && sent) return sent[1];
  const { token } = await auth.getPluginRequestToken({
    onBehalfOf: credentials,
    targetPluginId: 'ai-registry',
  });
  return token;
}
