import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { TeamQuota } from './queue';

const KEY = 'aiTraining.quotas';
const TEAM_PATTERN = /^(group|user):[\w.-]+\/[\w.-]+$/;
const MOST_QUOTAS = 10_000;
const MOST_UNITS = 1_000_000;
const MOST_WEIGHT = 1_000_000;
const LEAST_WEIGHT = 0.001;

/**
 * Reads `aiTraining.quotas`; `config.d.ts` explains each setting.
 *
 * @param flavors - those of `greenroom.flavors`
 * @throws InputError that names the first setting that is wrong
 */
export function readQuotas(
  root: Config,
  flavors: readonly Pick<Flavor, 'name'>[],
): TeamQuota[] {
  const configs = root.getOptionalConfigArray(KEY) ?? [];
  if (configs.length > MOST_QUOTAS) {
    throw new InputError(
      `${KEY} has ${configs.length} entries: expected at most ${MOST_QUOTAS}`,
    );
  }
  const names = new Set(flavors.map(({ name }) => name));
  const indexes = new Map<string, number>();
  return configs.map((config, index) => {
    const key = `${KEY}[${index}]`;
    const quota = readQuota(config, { key, names });
    const pair = `${quota.team} ${quota.flavor}`;
    const earlier = indexes.get(pair);
    if (earlier !== undefined) {
      throw new InputError(
        `${key} is for ${quota.team} and ${quota.flavor}, as ${KEY}[${earlier}]: expected one entry for each team and flavor`,
      );
    }
    indexes.set(pair, index);
    return quota;
  });
}

function readQuota(
  config: Config,
  { key, names }: { key: string; names: ReadonlySet<string> },
): TeamQuota {
  // Refs of the catalog are compared in lower case.
  const team = config.getOptionalString('team')?.toLocaleLowerCase('en-US');
  if (team === undefined || !TEAM_PATTERN.test(team)) {
    throw new InputError(
      `${key}.team is ${
        team === undefined ? 'not set' : `'${team}'`
      }: expected the ref of a group or user, such as group:default/vision`,
    );
  }
  const flavor = config.getOptionalString('flavor');
  if (flavor === undefined || !names.has(flavor)) {
    throw new InputError(
      `${key}.flavor is ${
        flavor === undefined ? 'not set' : `'${flavor}'`
      }: expected one of greenroom.flavors${
        names.size > 0 ? `: ${[...names].join(', ')}` : ', which has none'
      }`,
    );
  }
  const nominal = readUnits(config, key, 'nominal');
  if (nominal === undefined) {
    throw new InputError(
      `${key}.nominal is not set: expected how many of ${flavor} are the team's own, 0 for none`,
    );
  }
  const borrow = readUnits(config, key, 'borrow');
  return {
    team,
    flavor,
    nominal,
    ...(borrow !== undefined && { borrow }),
    weight: readWeight(config, key),
  };
}

function readUnits(
  config: Config,
  key: string,
  name: string,
): number | undefined {
  const units = config.getOptionalNumber(name);
  if (units === undefined) return undefined;
  if (!Number.isInteger(units) || units < 0 || units > MOST_UNITS) {
    throw new InputError(
      `${key}.${name} is ${units}: expected a whole number from 0 to ${MOST_UNITS}`,
    );
  }
  return units;
}

/** A weight of 0 would be a team whose jobs wait for ever beside any other: `borrow: 0` says that honestly. */
function readWeight(config: Config, key: string): number {
  const weight = config.getOptionalNumber('weight') ?? 1;
  if (!(weight >= LEAST_WEIGHT && weight <= MOST_WEIGHT)) {
    throw new InputError(
      `${key}.weight is ${weight}: expected a number from ${LEAST_WEIGHT} to ${MOST_WEIGHT}; for a team that is to borrow nothing set ${key}.borrow to 0`,
    );
  }
  return weight;
}
