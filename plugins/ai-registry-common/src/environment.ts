import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { HumanDuration } from '@backstage/types';
import { checkObjectNames } from './clusterNames';
import { type DeployerSettings, readDeployer } from './deployerSettings';
import {
  readApproverGroups,
  readDataPlaneAddress,
  readNewVersions,
  readVerification,
  readWindows,
  readSoakSeconds,
} from './environmentSettings';
import type { NewVersionPolicy } from './promotion';

/** Name of an environment, as the configuration gives it. */
export type Environment = string;

/** An environment's name is a folder in Git, an alias, and part of addresses. */
export const ENVIRONMENT_NAME_PATTERN = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/;

/** Names that an alias or a page has a meaning for already. */
const RESERVED_NAMES = ['latest', 'all', 'models'];

/** Somewhere that versions run. */
export interface EnvironmentDefinition {
  name: Environment;
  title: string;
  /** The environment before it on the way of a version; undefined for one that takes any. */
  promotesFrom?: Environment;
  /** What happens to new versions of models whose manifests do not say; undefined: nothing. */
  newVersions?: NewVersionPolicy;
  /** Ids of own gates that are asked once a version serves, before it may go on; undefined for none. */
  verification?: string[];
  /** How many people other than the requester have to approve a promotion to it. */
  requiredApprovals: number;
  /** Entity refs of groups: only approvals of their members count. Undefined: of everybody who may review. */
  approverGroups?: string[];
  /** How long a version serves in the environment before it, before it may come here; undefined: it may at once. */
  soakSeconds?: number;
  /** When nothing is merged for it. */
  freeze?: FreezeWindow[];
  /** The only times at which things are merged for it; undefined for any. */
  schedule?: FreezeWindow[];
  /** Where callers reach its data planes, without a slash at the end. Undefined: where each says that it is. */
  dataPlaneAddress?: string;
  /** How its data planes come to be. */
  deployer: DeployerSettings;
}

/** Times, again and again, at which nothing is merged for an environment, or only then. */
export interface FreezeWindow {
  /** Recurrence rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=FR. */
  rrule: string;
  /** The first moment that it may begin at, on the clocks of its time zone, such as 2026-01-02T18:00. */
  start: string;
  /** How long each lasts; days are those of the calendar, also when clocks change. */
  duration: HumanDuration;
  /** IANA name, such as Europe/Zurich. */
  timeZone: string;
  /** For people who wait. */
  reason: string;
}

const DEFAULTS: EnvironmentDefinition[] = ['dev', 'staging', 'production'].map(
  name => ({
    name,
    title: name,
    requiredApprovals: 1,
    deployer: { kind: 'none' },
  }),
);

/** Where versions run, in the order of promotion: the last one is what the others lead to. */
export class Environments {
  readonly all: readonly EnvironmentDefinition[];
  readonly names: readonly Environment[];

  /**
   * Reads `greenroom.environments`; dev, staging and production where nothing is configured.
   *
   * @throws InputError that names the first setting that is wrong
   */
  static fromConfig(config: Config): Environments {
    const configured = config.getOptionalConfigArray('greenroom.environments');
    if (configured === undefined) return new Environments(DEFAULTS);
    return new Environments(
      configured.map((one, index) =>
        readDefinition(one, `greenroom.environments[${index}]`),
      ),
    );
  }

  /** @param all - in the order of promotion */
  constructor(all: readonly EnvironmentDefinition[]) {
    checkTogether(all);
    this.all = all;
    this.names = all.map(({ name }) => name);
  }

  /** What the others lead to: where people depend on what answers. */
  get last(): EnvironmentDefinition {
    return this.all[this.all.length - 1];
  }

  /** Undefined for one that there is not, or not any more. */
  find(name: string): EnvironmentDefinition | undefined {
    return this.all.find(one => one.name === name);
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** @throws InputError that names those that there are */
  get(name: string): EnvironmentDefinition {
    const found = this.find(name);
    if (found) return found;
    throw new InputError(
      `environment: expected one of ${this.names.join(', ')}, got '${name}'`,
    );
  }
}

/** Those that there are where nothing is configured. */
export const DEFAULT_ENVIRONMENTS = new Environments(DEFAULTS);

function readDefinition(config: Config, where: string): EnvironmentDefinition {
  const name = config.getString('name');
  if (!ENVIRONMENT_NAME_PATTERN.test(name) || RESERVED_NAMES.includes(name)) {
    throw new InputError(
      `${where}.name is '${name}': expected 2 to 40 lower-case letters, digits and dashes that begin with a letter, and none of ${RESERVED_NAMES.join(
        ', ',
      )}`,
    );
  }
  const requiredApprovals = config.getOptionalNumber('approvals.count') ?? 1;
  if (
    !Number.isInteger(requiredApprovals) ||
    requiredApprovals < 1 ||
    requiredApprovals > 10
  ) {
    throw new InputError(
      `${where}.approvals.count is ${requiredApprovals}: expected a whole number from 1 to 10`,
    );
  }
  const promotesFrom = config.getOptionalString('promotesFrom');
  const approverGroups = readApproverGroups(config, where);
  const dataPlaneAddress = readDataPlaneAddress(config, where);
  const newVersions = readNewVersions(config, where);
  const soakSeconds = readSoakSeconds(config, { where, promotesFrom });
  const freeze = readWindows(config, 'freeze', where);
  const schedule = readWindows(config, 'schedule', where);
  const verification = readVerification(config, where);
  return {
    name,
    title: config.getOptionalString('title') ?? name,
    ...(promotesFrom !== undefined && { promotesFrom }),
    ...(newVersions !== undefined && { newVersions }),
    requiredApprovals,
    ...(approverGroups !== undefined && { approverGroups }),
    ...(soakSeconds !== undefined && { soakSeconds }),
    ...(freeze !== undefined && { freeze }),
    ...(schedule !== undefined && { schedule }),
    ...(verification !== undefined && { verification }),
    ...(dataPlaneAddress !== undefined && { dataPlaneAddress }),
    deployer: readDeployer(config, where),
  };
}

function checkTogether(all: readonly EnvironmentDefinition[]): void {
  if (all.length === 0) {
    throw new InputError(
      'greenroom.environments is empty: name at least one environment, or leave it out for dev, staging and production',
    );
  }
  all.forEach(({ name, promotesFrom, deployer }, index) => {
    const port = deployer.kind === 'local' ? deployer.port : undefined;
    const neighbour = all
      .slice(0, index)
      .find(one => one.deployer.kind === 'local' && one.deployer.port === port);
    if (port !== undefined && neighbour) {
      throw new InputError(
        `greenroom.environments[${index}].deployer.port is ${port}: '${neighbour.name}' has it, choose another or leave it out`,
      );
    }
    const earlier = all.slice(0, index).map(one => one.name);
    if (earlier.includes(name)) {
      throw new InputError(
        `greenroom.environments[${index}].name is '${name}': another environment has this name`,
      );
    }
    if (promotesFrom !== undefined && !earlier.includes(promotesFrom)) {
      throw new InputError(
        `greenroom.environments[${index}].promotesFrom is '${promotesFrom}': expected an environment that stands before '${name}'`,
      );
    }
  });
  checkObjectNames(all);
}
