import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { checkEntityRef } from '@greenroom/ai-node';
import {
  type ArtifactSettings,
  readArtifactSettings,
} from '@greenroom/artifact-store';
import {
  EnvironmentConnections,
  Environments,
  type RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import type { OwnGate } from '@greenroom/plugin-ai-registry-node';
import { resolve } from 'node:path';
import type { TrialPlace } from './adapters/kubernetes/trialObjects';
import { readTrialPlace } from './trials/readTrialPlace';
import { readGitHubSettings } from './adapters/github/readGitHubSettings';
import type { GitHubSettings } from './adapters/github/settings';
import { parseRolloutPlan } from '@greenroom/manifest';
import { promotionGates } from './promotion/gates';
import { Gates } from './promotion/gates/Gates';
import { readOwnGates } from './promotion/gates/own/readOwnGates';
import { checkSigningSettings } from './promotion/gates/signing';
import { PICKLE_POLICIES, type PicklePolicy } from './versions/findPickles';
import {
  readSigningKeys,
  type SigningKey,
} from './versions/signing/readSigningKeys';
import {
  readWebhookSettings,
  type WebhookSettings,
} from './webhooks/readWebhookSettings';

/** The settings under `aiRegistry`, with defaults filled in where there are any. */
export interface RegistryConfig {
  artifacts: ArtifactSettings & {
    /** All files of one bundle together. */
    maxBundleBytes: number;
    /** How long an artifact is kept that no version uses. */
    graceMillis: number;
  };
  versions: {
    /** What happens with files that run code when they are loaded. */
    pickles: PicklePolicy;
  };
  audit: {
    /** Whole months that the audit log is kept besides the current one. */
    keepMonths: number;
  };
  /** Where people find the portal (app.baseUrl). */
  portalUrl?: string;
  /** Entity refs of those who hear of what has no owner. */
  administrators: string[];
  environments: Environments;
  connections: EnvironmentConnections;
  environmentsRepository: {
    /** Absolute path of the bare repository; of the copy of the one on GitHub. */
    directory: string;
    /** Undefined: the one in the directory is the truth itself. */
    github?: GitHubSettings;
  };
  signing: {
    /** Whose signatures of versions are believed. */
    keys: SigningKey[];
  };
  trial: {
    /** Absolute path of the inference server's program; undefined: versions are not tried. */
    program?: string;
    /** Has a cluster try them, in its place. */
    kubernetes?: TrialPlace;
    timeoutMillis: number;
    maxMemoryBytes: number;
  };
  webhooks: WebhookSettings;
  promotion: {
    defaultRollout: RolloutPlan;
    /** What promotions are held against in each environment. */
    gates: Gates;
    /** Entity refs of those who are asked for reviews besides a model's owner. */
    reviewers: string[];
    /** Approvals that a rollback needs before it is merged. */
    rollbackApprovals: number;
  };
}

const HOUR_MILLIS = 60 * 60 * 1_000;
const MEBIBYTE = 1024 ** 2;
const GIGABYTE = 1024 ** 3;

const DEFAULT_ROLLOUT: RolloutPlan = {
  strategy: 'canary',
  steps: [
    { weightPercent: 10, holdSeconds: 30 },
    { weightPercent: 50, holdSeconds: 30 },
    { weightPercent: 100, holdSeconds: 0 },
  ],
};

/** Reads and checks all settings once; an InputError names the first wrong one. */
export function readRegistryConfig(
  root: RootConfigService,
  options: {
    /** Of modules. */
    ownGates?: readonly OwnGate[];
  } = {},
): RegistryConfig {
  const config = root.getOptionalConfig('aiRegistry');
  const numberBetween = (
    key: string,
    defaultValue: number,
    [lowest, highest]: [number, number],
  ): number => {
    const value = config?.getOptionalNumber(key) ?? defaultValue;
    if (value < lowest || value > highest) {
      throw new InputError(
        `aiRegistry.${key} is ${value}: it must lie between ${lowest} and ${highest}`,
      );
    }
    return value;
  };
  const environments = Environments.fromConfig(root);
  const gates = new Gates({
    root,
    all: [...promotionGates, ...readOwnGates(root, options.ownGates ?? [])],
    environments,
  });
  const signing = { keys: readSigningKeys(root) };
  checkSigningSettings(gates, environments, signing.keys);
  return {
    portalUrl: root.getOptionalString('app.baseUrl'),
    administrators:
      root.getOptionalStringArray('permission.greenroom.adminGroups') ?? [],
    artifacts: {
      ...readArtifactSettings(root),
      maxBundleBytes: numberBetween(
        'artifacts.maxBundleBytes',
        100 * GIGABYTE,
        [1, Number.MAX_SAFE_INTEGER],
      ),
      graceMillis:
        numberBetween('artifacts.graceHours', 24, [1, 8_760]) * HOUR_MILLIS,
    },
    versions: { pickles: readPicklePolicy(config) },
    audit: {
      keepMonths: numberBetween(
        // The second is what it was called before.
        config?.has('audit.keepMonths') ?? true
          ? 'audit.keepMonths'
          : 'events.keepMonths',
        13,
        [1, 1_200],
      ),
    },
    environments,
    connections: EnvironmentConnections.fromConfig(root),
    environmentsRepository: {
      directory: readRepositoryDirectory(config),
      github: readGitHubSettings(root),
    },
    signing,
    trial: {
      program: absolute(config?.getOptionalString('trial.program')),
      kubernetes: readTrialPlace(root),
      timeoutMillis:
        numberBetween('trial.timeoutSeconds', 120, [1, 3_600]) * 1_000,
      maxMemoryBytes:
        numberBetween('trial.maxMemoryMiB', 4_096, [128, 1_048_576]) * MEBIBYTE,
    },
    webhooks: readWebhookSettings(root),
    promotion: {
      defaultRollout: parseRolloutPlan(
        config?.getOptional('promotion.defaultRollout') ?? DEFAULT_ROLLOUT,
        'aiRegistry.promotion.defaultRollout',
      ),
      gates,
      reviewers: (
        config?.getOptionalStringArray('promotion.reviewers') ?? []
      ).map(entityRef =>
        checkEntityRef('aiRegistry.promotion.reviewers', entityRef),
      ),
      rollbackApprovals: numberBetween(
        'promotion.rollbackApprovals',
        0,
        [0, 10],
      ),
    },
  };
}

function readPicklePolicy(config: Config | undefined): PicklePolicy {
  const value = config?.getOptionalString('versions.pickle') ?? 'mark';
  const policy = PICKLE_POLICIES.find(known => known === value);
  if (policy) return policy;
  throw new InputError(
    `aiRegistry.versions.pickle is '${value}': expected ${PICKLE_POLICIES.join(
      ', ',
    )}`,
  );
}

/** It has no default: a folder that nobody chose would lie below the backend's, in somebody's checkout. */
function readRepositoryDirectory(config: Config | undefined): string {
  const value = config?.getOptionalString('environments.directory');
  if (value) return resolve(value);
  throw new InputError(
    "aiRegistry.environments.directory is not set: set it to the bare Git repository that says what runs where, or the folder for a copy of the one on GitHub; it is made when it is absent, for example /var/lib/greenroom/environments.git; a relative path starts at the backend's working directory",
  );
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}
