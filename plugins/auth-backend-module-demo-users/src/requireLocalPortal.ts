import type { Config } from '@backstage/config';

export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Refuses sign-in without a password where others could reach it.
 *
 * @throws Error when `backend.baseUrl` is not this machine's own address
 */
export function requireLocalPortal(config: Config): void {
  const { hostname } = new URL(config.getString('backend.baseUrl'));
  const allowed = config.getOptionalBoolean(
    'auth.providers.guest.dangerouslyAllowOutsideDevelopment',
  );
  if (!LOOPBACK_HOSTS.includes(hostname) && !allowed) {
    throw new Error(
      `auth.providers.guest lets anybody sign in without a password, and backend.baseUrl is at ${hostname}: remove auth.providers.guest from the configuration, or set auth.providers.guest.dangerouslyAllowOutsideDevelopment to true if nobody else can reach it`,
    );
  }
}
