import type { Config } from '@backstage/config';
import { NotAllowedError } from '@backstage/errors';
import { LOOPBACK_HOSTS } from './requireLocalPortal';

/** Names that the portal is reached by: those of the configuration, and this machine's own. */
export function ownHosts(config: Config): string[] {
  const configured = ['backend.baseUrl', 'app.baseUrl'].flatMap(key => {
    const url = config.getOptionalString(key);
    return url === undefined ? [] : [new URL(url).hostname];
  });
  return [...new Set([...LOOPBACK_HOSTS, ...configured])];
}

/**
 * Refuses a request that was sent to another name. Any web site can have its own name point at
 * this machine, and would then be let in as a user by the browser of whoever visits it.
 *
 * @param host - the request's `Host` header
 * @throws NotAllowedError
 */
export function requireOwnHost(
  host: string | undefined,
  hosts: string[],
): void {
  if (host === undefined || !hosts.includes(hostnameOf(host))) {
    throw new NotAllowedError(
      `Sign-in without a password is only for ${hosts.join(
        ', ',
      )}, and this request was sent to '${host}': open the portal at its own address (backend.baseUrl)`,
    );
  }
}

function hostnameOf(host: string): string {
  const withoutPort = /^(?<name>\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(host);
  return (withoutPort?.groups?.name ?? '').toLowerCase();
}
