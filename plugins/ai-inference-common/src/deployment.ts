import type {
  Environment,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';

/** A model served in an environment. */
export interface Deployment {
  environment: Environment;
  model: string;
  /** Split of the traffic right now; adds up to 100, or to 0 while the first version of all is still loading. */
  variants: { version: number; digest: string; weightPercent: number }[];
  /** The running rollout, or the last one. */
  rollout?: Rollout;
  /** Whether the data planes run what this says; see {@link DataPlaneStatus}. */
  dataPlanes: { ready: number; total: number };
  updatedAt: string;
}

export type RolloutState =
  /** Holding a step until `nextStepAt`. */
  | { phase: 'progressing'; step: number; nextStepAt: string }
  /** Waiting for the data planes to load the new version. */
  | { phase: 'loading' }
  | { phase: 'completed'; completedAt: string }
  /** A newer change took over before the end. */
  | { phase: 'superseded'; supersededAt: string }
  | { phase: 'failed'; failedAt: string; error: string };

/** The plan that moves traffic from one version to another, and how far it is. */
export interface Rollout {
  id: string;
  environment: Environment;
  model: string;
  /** Undefined for the first deployment of a model. */
  fromVersion?: number;
  toVersion: number;
  kind: 'promotion' | 'rollback' | 'push';
  plan: RolloutPlan;
  state: RolloutState;
  /** Commit in the environments repository that asked for it. */
  commit: string;
  promotionId?: string;
  startedAt: string;
  /** What happened, oldest first. */
  history: { at: string; weightPercent: number; note: string }[];
}

/** A key for callers of the data plane. The secret is shown once, when it is made. */
export interface ApiKey {
  id: string;
  name: string;
  /** First characters of the secret, to recognise it by. */
  prefix: string;
  models: string[];
  createdAt: string;
  createdBy: string;
  expiresAt?: string;
  revokedAt?: string;
  lastUsedAt?: string;
}

export interface NewApiKey {
  name: string;
  models: string[];
  expiresAt?: string;
}

export interface IssuedApiKey extends ApiKey {
  /** The whole key. It is not stored and cannot be shown again. */
  secret: string;
}

/** What a data plane says about itself, with every fetch of the snapshot. */
export interface DataPlaneReport {
  /** One per process start; the `producer` of its records. */
  producer: string;
  /** URL where callers reach it. */
  publicUrl: string;
  /** Id of the snapshot that it serves; undefined before the first one. */
  snapshotId?: string;
  /** Ids of the keys that were used since the last report that was answered; left out when none was. */
  keysUsed?: string[];
  models: {
    model: string;
    version: number;
    digest: string;
    state: 'loading' | 'ready' | 'failed';
    /** Why it failed, or why loading it has to be tried again. */
    error?: string;
  }[];
}

export interface DataPlaneStatus extends DataPlaneReport {
  environment: string;
  lastSeenAt: string;
  /** Whether it was seen lately. */
  online: boolean;
}
