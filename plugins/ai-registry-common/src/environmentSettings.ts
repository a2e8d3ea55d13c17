import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

const GROUP_PATTERN =
  /^group:[a-z0-9][a-z0-9._-]{0,62}\/[a-z0-9][a-z0-9._-]{0,62}$/;
const MAX_GROUPS = 20;

/**
 * Groups of whose members approvals count; undefined where those of everybody who may review do.
 *
 * @throws InputError that names the setting
 */
export function readApproverGroups(
  config: Config,
  where: string,
): string[] | undefined {
  const groups = config
    .getOptionalStringArray('approvals.groups')
    ?.map(group => group.toLowerCase());
  if (groups === undefined) return undefined;
  const key = `${where}.approvals.groups`;
  if (groups.length === 0 || groups.length > MAX_GROUPS) {
    throw new InputError(
      `${key} names ${groups.length} groups: expected 1 to ${MAX_GROUPS}, or leave it out for everybody who may review`,
    );
  }
  const wrong = groups.find(group => !GROUP_PATTERN.test(group));
  if (wrong !== undefined) {
    throw new InputError(
      `${key} has '${wrong}': expected the entity ref of a group, such as group:default/ml-platform`,
    );
  }
  return groups;
}

/**
 * Where callers reach the data planes of an environment, without a slash at its end.
 *
 * @throws InputError that names the setting
 */
export function readDataPlaneAddress(
  config: Config,
  where: string,
): string | undefined {
  const address = config.getOptionalString('dataPlane.address');
  if (address === undefined) return undefined;
  if (!isAddress(address)) {
    throw new InputError(
      `${where}.dataPlane.address is '${address}': expected an address such as https://models.example.com, with http or https, and neither user, query nor fragment`,
    );
  }
  return address.replace(/\/+$/, '');
}

function isAddress(address: string): boolean {
  try {
    const { protocol, username, password, search, hash } = new URL(address);
    const isWeb = protocol === 'http:' || protocol === 'https:';
    return isWeb && !username && !password && !search && !hash;
  } catch {
    return false;
  }
}
