import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

/** The way of callers from outside, through a Gateway of the cluster. */
export interface RouteSettings {
  /** Name of the Gateway. */
  gateway: string;
  /** Where it is; undefined for the namespace of the environment. */
  gatewayNamespace?: string;
  /** Which of its listeners; undefined for all. */
  sectionName?: string;
  /** Names that callers use, such as models.example.com or *.example.com; none for those of the listener. */
  hostnames: string[];
}

/** As Kubernetes has names of most objects. */
const NAME_PATTERN = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
const HOSTNAME_PATTERN = /^(\*\.)?[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?$/;
const MOST_HOSTNAMES = 16;

/**
 * Reads `route` of a deployer.
 *
 * @param key - path of the deployer's settings, for messages
 * @throws InputError that names the setting that is wrong
 */
export function readRoute(
  settings: Config,
  key: string,
): RouteSettings | undefined {
  const route = settings.getOptionalConfig('route');
  if (!route) return undefined;
  const name = (setting: string) => {
    const value = route.getOptionalString(setting);
    if (value === undefined || NAME_PATTERN.test(value)) return value;
    throw new InputError(
      `${key}.route.${setting} is '${value}': expected a name in the cluster`,
    );
  };
  const gateway = name('gateway');
  if (gateway === undefined) {
    throw new InputError(
      `${key}.route.gateway is not set: expected the name of a Gateway`,
    );
  }
  const gatewayNamespace = name('gatewayNamespace');
  const sectionName = name('sectionName');
  const hostnames = route.getOptionalStringArray('hostnames') ?? [];
  const wrong = hostnames.find(one => !HOSTNAME_PATTERN.test(one));
  if (wrong !== undefined) {
    throw new InputError(
      `${key}.route.hostnames has '${wrong}': expected a name such as models.example.com or *.example.com`,
    );
  }
  if (hostnames.length > MOST_HOSTNAMES) {
    throw new InputError(
      `${key}.route.hostnames has ${hostnames.length} entries: expected at most ${MOST_HOSTNAMES}`,
    );
  }
  return {
    gateway,
    ...(gatewayNamespace !== undefined && { gatewayNamespace }),
    ...(sectionName !== undefined && { sectionName }),
    hostnames,
  };
}
