import { type Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { NewVersionPolicy } from './promotion';
import { durationToMilliseconds, type HumanDuration } from '@backstage/types';
import type { FreezeWindow } from './environment';

const GROUP_PATTERN =
  /^group:[a-z0-9][a-z0-9._-]{0,62}\/[a-z0-9][a-z0-9._-]{0,62}$/;
const MAX_GROUPS = 20;
const MAX_VERIFICATIONS = 20;

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

/**
 * What happens to new versions of models whose manifests do not say.
 *
 * @throws InputError that names the setting
 */
export function readNewVersions(
  config: Config,
  where: string,
): NewVersionPolicy | undefined {
  const value = config.getOptionalString('newVersions');
  if (value === undefined || value === 'propose' || value === 'merge') {
    return value;
  }
  throw new InputError(
    `${where}.newVersions is '${value}': expected propose or merge, or leave it out for neither`,
  );
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

const DAY_SECONDS = 24 * 60 * 60;
const MAX_SOAK_SECONDS = 366 * DAY_SECONDS;
const MAX_FREEZE_WINDOWS = 50;
const MAX_TEXT = 500;
/** The first Monday of a year: rules without a start of their own begin with a week. */
const DEFAULT_START = '2024-01-01T00:00';
const LOCAL_TIME_PATTERN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

/**
 * How long a version serves in the environment before, before it may come to this one.
 *
 * @throws InputError that names the setting
 */
export function readSoakSeconds(
  config: Config,
  options: { where: string; promotesFrom: string | undefined },
): number | undefined {
  if (!config.has('soak')) return undefined;
  const key = `${options.where}.soak`;
  const duration = readDuration(config, 'soak', key);
  const seconds = durationToMilliseconds(duration) / 1_000;
  if (seconds <= 0 || seconds > MAX_SOAK_SECONDS) {
    throw new InputError(
      `${key} is ${seconds} seconds: expected more than nothing and at most a year`,
    );
  }
  if (options.promotesFrom === undefined) {
    throw new InputError(
      `${key}: expected promotesFrom beside it, since it is the time that a version serves there`,
    );
  }
  return seconds;
}

/**
 * Ids of own gates that are asked of what serves; whether there are such gates, the backend checks.
 *
 * @throws InputError that names the setting
 */
export function readVerification(
  config: Config,
  where: string,
): string[] | undefined {
  const ids = config.getOptionalStringArray('verification');
  if (ids === undefined || ids.length === 0) return undefined;
  if (ids.length > MAX_VERIFICATIONS || new Set(ids).size < ids.length) {
    throw new InputError(
      `${where}.verification names ${ids.length} gates: expected at most ${MAX_VERIFICATIONS}, each once`,
    );
  }
  return ids;
}

/**
 * When nothing is merged for an environment, or only then; whether the rules can be read, the backend checks.
 *
 * @throws InputError that names the setting
 */
export function readWindows(
  config: Config,
  setting: 'freeze' | 'schedule',
  where: string,
): FreezeWindow[] | undefined {
  const windows = config.getOptionalConfigArray(setting);
  if (windows === undefined || windows.length === 0) return undefined;
  if (windows.length > MAX_FREEZE_WINDOWS) {
    throw new InputError(
      `${where}.${setting} has ${windows.length} windows: expected at most ${MAX_FREEZE_WINDOWS}`,
    );
  }
  return windows.map((one, index) =>
    readFreezeWindow(one, `${where}.${setting}[${index}]`),
  );
}

function readFreezeWindow(config: Config, where: string): FreezeWindow {
  const text = (name: string) => {
    const value = config.getString(name).trim();
    if (value.length > MAX_TEXT) {
      throw new InputError(
        `${where}.${name} has ${value.length} characters: expected at most ${MAX_TEXT}`,
      );
    }
    return value;
  };
  const start = config.getOptionalString('start') ?? DEFAULT_START;
  if (!LOCAL_TIME_PATTERN.test(start)) {
    throw new InputError(
      `${where}.start is '${start}': expected a time without its zone, such as 2026-01-02T18:00`,
    );
  }
  const timeZone = text('timeZone');
  if (!isTimeZone(timeZone)) {
    throw new InputError(
      `${where}.timeZone is '${timeZone}': expected the name of a time zone, such as Europe/Zurich or UTC`,
    );
  }
  const duration = readDuration(config, 'duration', `${where}.duration`);
  const isWhole = Object.values(duration).every(Number.isInteger);
  if (!isWhole || durationToMilliseconds(duration) <= 0) {
    throw new InputError(
      `${where}.duration is ${JSON.stringify(
        duration,
      )}: expected whole numbers, and more than nothing, such as { days: 2, hours: 14 }`,
    );
  }
  return {
    rrule: text('rrule'),
    start,
    duration,
    timeZone,
    reason: text('reason'),
  };
}

function readDuration(
  config: Config,
  key: string,
  where: string,
): HumanDuration {
  try {
    return readDurationFromConfig(config, { key });
  } catch {
    throw new InputError(
      `${where}: expected a duration, such as { hours: 12 }, 90m or P2DT14H`,
    );
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
