import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { AuthenticationError } from '@backstage/errors';
import { tokenNameOf } from './serviceToken';

/**
 * Who acts, as it is recorded and shown: the user's entity ref, or `service:` and the
 * name of a token, or the subject of another plugin or an external caller.
 */
export function userRefOf(credentials: BackstageCredentials): string {
  const principal = credentials.principal as
    | BackstageUserPrincipal
    | BackstageServicePrincipal
    | { type: 'none' };
  switch (principal.type) {
    case 'user':
      return principal.userEntityRef;
    case 'service':
      return `service:${tokenNameOf(principal.subject) ?? principal.subject}`;
    default:
      throw new AuthenticationError(
        'The call has no identity: sign in, or send a token in the Authorization header',
      );
  }
}
