import type {
  AuthService,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { userRefOf } from '@greenroom/ai-node';
import type { CallOptions } from '../callOptions';

/** Who asks, with the token that they sent. */
export interface RegistryCall extends CallOptions {
  req: { headers: { authorization?: string } };
}

/**
 * The token that the registry is asked with for a caller. People are acted for by this plugin. A program's token says
 * itself what it may do there, and cannot be acted for; it is sent on.
 *
 * @throws NotAllowedError for a program whose token did not come with the call, as where it reached us through another
 *   plugin: this plugin's own would let it do everything
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
  if (isProgram) {
    const [, sent] =
      /^Bearer\s+(\S+)\s*$/i.exec(req.headers.authorization ?? '') ?? [];
    if (sent) return sent;
    throw new NotAllowedError(
      `The token of '${userRefOf(
        credentials,
      )}' did not come with the call, and the registry is asked with it: call the REST API of the plugin itself`,
    );
  }
  const { token } = await auth.getPluginRequestToken({
    onBehalfOf: credentials,
    targetPluginId: 'ai-registry',
  });
  return token;
}

const ANSWER_MILLIS = 30_000;

/** How the registry is asked for a caller: with their token, and for 30 seconds at most, all questions together. */
export async function howToAskRegistry(
  auth: Pick<AuthService, 'getPluginRequestToken'>,
  call: RegistryCall,
): Promise<{ token: string; signal: AbortSignal }> {
  const token = await registryTokenOf(auth, call);
  return { token, signal: AbortSignal.timeout(ANSWER_MILLIS) };
}
