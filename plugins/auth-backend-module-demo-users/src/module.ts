import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  authProvidersExtensionPoint,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';
import { createDemoUserAuthenticator, signInDemoUser } from './demoUser';
import { requireLocalPortal } from './requireLocalPortal';
import { ownHosts } from './requireOwnHost';

/** The `guest` provider: signs in without a password as a user from `auth.providers.guest.users`. */
export const authModuleDemoUsers = createBackendModule({
  pluginId: 'auth',
  moduleId: 'demo-users',
  register(reg) {
    reg.registerInit({
      deps: {
        config: coreServices.rootConfig,
        providers: authProvidersExtensionPoint,
      },
      async init({ config, providers }) {
        const guest = config.getOptionalConfig('auth.providers.guest');
        if (!guest) return;
        requireLocalPortal(config);
        providers.registerProvider({
          providerId: 'guest',
          factory: createProxyAuthProviderFactory({
            authenticator: createDemoUserAuthenticator({
              users: guest.getStringArray('users'),
              hosts: ownHosts(config),
            }),
            signInResolver: signInDemoUser,
          }),
        });
      },
    });
  },
});
