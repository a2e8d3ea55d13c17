import type {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
} from '@backstage/backend-plugin-api';
import { AuthenticationError } from '@backstage/errors';

/**
 * Who acts, as it is recorded and shown: the user's entity ref, or `service:<subject>`
 * for another plugin or an external caller.
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
      return `service:${principal.subject}`;
    default:
      throw new AuthenticationError(
        'The call has no identity: sign in, or send a token in the Authorization header',
      );
  }
}
