import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import {
  createProxyAuthenticator,
  type SignInResolver,
} from '@backstage/plugin-auth-node';
import { requireOwnHost } from './requireOwnHost';

/** Request header that says as whom to sign in: a user's name. */
export const DEMO_USER_HEADER = 'x-greenroom-user';

export interface DemoUser {
  userEntityRef: string;
}

export function createDemoUserAuthenticator(options: {
  /** Entity refs of the users that may be chosen; the first one is the default. */
  users: string[];
  /** Names that the portal is reached by. */
  hosts: string[];
}) {
  const { users, hosts } = options;
  return createProxyAuthenticator<void, DemoUser, undefined>({
    defaultProfileTransform: async () => ({ profile: {} }),
    initialize: () => undefined,
    authenticate: async ({ req }) => {
      requireOwnHost(req.header('host'), hosts);
      const userEntityRef = chooseUser(users, req.header(DEMO_USER_HEADER));
      return { result: { userEntityRef } };
    },
  });
}

/**
 * @param name - a user's name, or undefined for the first user
 * @throws InputError when no user has the name
 */
export function chooseUser(users: string[], name: string | undefined): string {
  const refs = users.map(user =>
    stringifyEntityRef(parseEntityRef(user, { defaultKind: 'user' })),
  );
  const found =
    name === undefined
      ? refs[0]
      : refs.find(ref => parseEntityRef(ref).name === name);
  if (!found) {
    throw new InputError(
      `${DEMO_USER_HEADER}: there is no demo user of this name; the configuration (auth.providers.guest.users) lists ${refs.join(
        ', ',
      )}`,
    );
  }
  return found;
}

/** Signs in the catalog's user with its groups; also one that is not in the catalog yet, with itself only. */
export const signInDemoUser: SignInResolver<DemoUser> = async (
  { result: { userEntityRef } },
  context,
) =>
  context.signInWithCatalogUser(
    { entityRef: userEntityRef },
    { dangerousEntityRefFallback: { entityRef: userEntityRef } },
  );
