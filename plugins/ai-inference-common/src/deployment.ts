import type { KeyScope } from './keyScopes';
import type { ModelServerRun } from './modelServer';
import type {
  RequestLimits,
  RequestUse,
  ToldRequestUse,
} from './requestLimits';
import type { TokenLease, TokenLimits, TokenUse } from './tokenLimits';
import type { ConnectionCheck } from './connection';
import type {
  AnalysisPlan,
  Environment,
  ListedDeprecation,
  ManifestLoading,
  ManifestOutcomes,
  ManifestResponseCache,
  RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';

/** A model served in an environment: what is wanted, what serves, and why the two differ while they do. */
export interface Deployment {
  environment: Environment;
  model: string;
  /** What the manifest on the main branch asks for. */
  wanted: {
    version: number;
    digest: string;
    /** Commit that last changed the manifest. */
    commit: string;
    /** When this version became the wanted one; ISO 8601. */
    since: string;
  };
  /** Split of the traffic that ready data planes serve; adds up to 100, or to 0 while nothing can answer because the first version of all is still loading. */
  variants: { version: number; digest: string; weightPercent: number }[];
  /**
   * Split that the plan has come to, whoever has loaded it: it changes with steps of the plan alone, and not with data
   * planes that come and go. Adds up to 100; left out by a control plane of an earlier release.
   */
  plannedVariants?: {
    version: number;
    digest: string;
    weightPercent: number;
  }[];
  convergence: Convergence;
  dataPlanes: {
    /** Online data planes on which the wanted version is ready. */
    ready: number;
    /** Data planes that are online. */
    total: number;
    /** Set where the control plane runs one itself while it is needed. */
    onDemand?: true;
    /** Those online that do not serve as they should, which holds nobody else. */
    degraded: { publicUrl: string; reason: string }[];
  };
  /** The running rollout, or the last one. */
  rollout?: Rollout;
  /** Which requests can be given an outcome; left out for none. */
  outcomes?: ManifestOutcomes;
  /** Whether some of the last rows are kept. */
  recentRows?: true;
  /** How long its versions stay in the memory of data planes; left out for all the time. */
  loading?: ManifestLoading;
  /** That data planes keep answers; left out where they keep none. */
  responseCache?: ManifestResponseCache;
  /** Of the model as a whole, and of versions that are wanted or planned to answer; left out where nothing is deprecated. */
  deprecations?: ListedDeprecation[];
  updatedAt: string;
}

/** How far what serves is from what is wanted, in a sentence that names what the way there depends on. */
export type Convergence =
  /** Its data plane sleeps, since nobody needs it: nothing is wrong, and nothing answers. The reason says what wakes it. */
  | { state: 'asleep'; reason: string; since: string }
  /** All traffic is on the wanted version, on every data plane that is online. */
  | { state: 'serving' }
  /** The plan is on its way. */
  | { state: 'moving'; reason: string }
  /** Something holds it. It goes on by itself when that has changed, and is tried again at `nextTryAt` where there is one. */
  | { state: 'waiting'; reason: string; since: string; nextTryAt?: string }
  /** It stands still until somebody goes on. */
  | { state: 'paused'; reason: string; since: string }
  /** The wanted version was judged and refused: what was proven answers, until Git asks for something else or somebody has it tried again. */
  | { state: 'rejected'; reason: string; since: string }
  /** The wanted version has all traffic, but not on every data plane that is online. */
  | { state: 'degraded'; reason: string };

/** Why a rollout does not get on for a technical reason. It is tried again; a version that does not load is taken back after a while. */
export interface RolloutProblem {
  /** What is wrong, and where. */
  error: string;
  /** ISO 8601. */
  since: string;
  /** How often it was tried, this problem's first time included. */
  attempts: number;
  /** ISO 8601. */
  nextTryAt: string;
}

/** Why a rollout stands still until somebody goes on. Versions load all the same, and traffic leaves a version that nobody runs. */
export interface RolloutPause {
  /** ISO 8601. */
  since: string;
  /** Entity ref of who paused it; `plan` where its plan says so, or does not say how to go on. */
  by: string;
  /** Set where a decision is asked for, since the analysis made none: going on is one, and taking back. */
  asks?: true;
  /** Why, as whoever paused it says. */
  reason?: string;
  /** What is left of the running step, in seconds. */
  leftSeconds: number;
}

/** Somebody's decision to go on without the analysis. */
export interface RolloutOverride {
  /** Entity ref. */
  by: string;
  reason?: string;
}

export type RolloutState =
  /** Waiting for the data planes to load the new version. */
  | { phase: 'loading'; problem?: RolloutProblem; paused?: RolloutPause }
  /** At a step of its plan, until `nextStepAt` where it is not paused. */
  | {
      phase: 'progressing';
      /** Of a canary: its step. Of an adaptive rollout: how often the shares were changed. Otherwise 0. */
      step: number;
      /** When the next step is due, or the last one ends; of an analysis the latest moment. */
      nextStepAt: string;
      problem?: RolloutProblem;
      paused?: RolloutPause;
      /** Share of the version, in percent, where no plan says it: an adaptive rollout. */
      sharePercent?: number;
      /** Callers of each version in the comparisons before this one: an adaptive rollout. */
      unitsBefore?: { version: number; units: number }[];
      /** Versions of an experiment that were taken out of it. */
      dropped?: number[];
      /** Who had it go on although the analysis had not decided; holds for this step. */
      override?: RolloutOverride;
      /** Why the analysis cannot be read, while it cannot: nothing is decided by it. */
      unseen?: { since: string; reason: string };
    }
  | {
      phase: 'completed';
      completedAt: string;
      /** `analysis` where it had decided, entity ref of who ended an experiment; absent where the plan came to its end. */
      by?: string;
      /** Why, with numbers. */
      reason?: string;
    }
  /** A newer change took over before the end. */
  | { phase: 'superseded'; supersededAt: string }
  /** Refused by a judgement on the version, or since it was tried for long and did not load: final for its commit, and the traffic is where it was proven. */
  | {
      phase: 'rejected';
      rejectedAt: string;
      /** Entity ref of who judged, `analysis`, `brake` for that of a data plane, or `deadline` where it did not load; absent in rollouts from before it was kept. */
      by?: string;
      reason: string;
    };

/** What can be done with a rollout, inside the plan that was approved. */
export type SteeringAct = 'pause' | 'resume' | 'skip' | 'abort' | 'restart';

/** Versions at fixed shares that are compared with each other. With other shares it is another one. */
export interface Comparison {
  id: string;
  rolloutId: string;
  environment: Environment;
  model: string;
  /** Version that the others are compared with. */
  control: number;
  /** Shares of the requests, in percent, control included; a shadow has 0. */
  variants: { version: number; sharePercent: number }[];
  /** Whether the version answers copies only. */
  isShadow: boolean;
  analysis: AnalysisPlan;
  /** Number of the rollout's first comparison since it began, or was begun anew: those before say nothing of this one. Absent for 1. */
  first?: number;
  /** Parts that the chances of a wrong decision are divided by: comparisons of the same plan. */
  looks: number;
  /** ISO 8601. */
  startedAt: string;
  /** ISO 8601. */
  endedAt?: string;
}

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
  /** How its versions are compared: as its manifest says, or by the guardrails that all have. Absent where nothing is compared. */
  analysis?: AnalysisPlan;
  /** What is being compared, or was last. */
  comparison?: Comparison;
  /** What happened, oldest first. */
  history: RolloutEntry[];
}

/** What happened to a rollout. */
export interface RolloutEntry {
  /** ISO 8601. */
  at: string;
  /** Share of the traffic that the version had then. */
  weightPercent: number;
  /** For people, with the numbers that it was decided by. */
  note: string;
  /** Entity ref of who did it; `analysis`, `brake` of a data plane, or `deadline`, where that decided it; absent for what follows from the plan. */
  by?: string;
  /** The same numbers, for pages; absent where none were looked at. */
  evidence?: DecisionEvidence;
}

/** What was known when a rollout was moved on, held or taken back. */
export type DecisionEvidence =
  /** As a comparison stood. */
  | {
      kind: 'comparison';
      /** Id of the comparison. */
      comparison: string;
      /** Callers of each version. */
      units: { version: number; units: number }[];
      metrics: DecisionMetric[];
    }
  /** As a data plane saw it. */
  | { kind: 'brake'; publicUrl: string; brake: PulledBrake };

/** A metric or a guardrail as it stood when something was decided; numbers in the unit of its measure. */
export interface DecisionMetric {
  name: string;
  /** Version that was compared with the control. */
  version: number;
  /** Treatment less control. */
  effect?: number;
  /** Always valid; one end is absent for a one-sided one. */
  interval?: { lower?: number; upper?: number };
  /** Bayesian, 0 to 1. */
  chanceToWin?: number;
  status: string;
}

/** A key for callers of the data plane. The secret is shown once, when it is made. */
export interface ApiKey {
  id: string;
  name: string;
  /** Entity ref of the group or user that answers for it; who issued it where it is older than owners are. */
  owner: string;
  /** First characters of the secret, to recognise it by. */
  prefix: string;
  /** Models that it may call; `*` for all, also those to come. */
  models: string[];
  createdAt: string;
  createdBy: string;
  /** From when on it is refused; ISO 8601. */
  expiresAt: string;
  /** Of tokens. Left out where it has none. */
  limits?: TokenLimits;
  /** Left out where it has none. */
  requestLimits?: RequestLimits;
  /** What it may do besides calling models. */
  scopes: KeyScope[];
  /** Tokens used today (UTC), by environment, as far as data planes have told; of keys with a limit of the day. */
  usedToday?: { environment: string; tokens: number }[];
  /** What came of the last minute, by environment, as far as data planes have told; of keys with limits of requests. */
  lastMinute?: (RequestUse & { environment: string })[];
  revokedAt?: string;
  lastUsedAt?: string;
}

export interface NewApiKey {
  name: string;
  /** Entity ref; who issues it, or the owner of the token, when left out. */
  owner?: string;
  models: string[];
  /** The latest possible when left out: `aiInference.keys.maxLifetimeDays` from now. */
  expiresAt?: string;
  /** Of tokens. None when left out. */
  limits?: TokenLimits;
  /** None when left out. */
  requestLimits?: RequestLimits;
  /** None when left out. */
  scopes?: KeyScope[];
}

export interface IssuedApiKey extends ApiKey {
  /** The whole key. It is not stored and cannot be shown again. */
  secret: string;
}

/** How the data planes of an environment come to be, and how the one is that the control plane runs. */
export interface EnvironmentDataPlane {
  environment: Environment;
  deployer: 'none' | 'local' | 'kubernetes';
  run: DataPlaneRun;
  /** What each pod of its data planes runs on; undefined where its deployer names no flavor. */
  machine?: PodMachine;
  /** What each pod of a model server runs on, by the server's name, where a flavor is named. */
  serverMachines?: Record<string, PodMachine>;
}

/** The kind of machine that a pod runs on. */
export interface PodMachine {
  /** Its name in `greenroom.flavors`. */
  flavor: string;
  title: string;
  /** How many of it a pod takes. */
  count: number;
  /** Of one; undefined where the settings name no price. */
  pricePerHour?: { amount: number; currency: string };
}

/** How the data plane is that the control plane runs for an environment. Times are ISO 8601. */
export type DataPlaneRun =
  /** It runs none: whoever runs the portal starts them. */
  | { state: 'unmanaged' }
  /** Nothing runs, since nobody needs it. */
  | {
      state: 'asleep';
      since: string;
      because: 'idle' | 'stopped' | 'unused' | 'handed-over';
      /** Why, and what wakes it. */
      reason: string;
    }
  | {
      state: 'starting';
      since: string;
      /** What it waits for, in a sentence, where that is known. */
      problem?: string;
      servers?: ModelServerRun[];
      /** As below. */
      drift?: string[];
    }
  | {
      state: 'running';
      since: string;
      publicUrl: string;
      /** Where it is several: how many are wanted, and how many answer. */
      replicas?: { wanted: number; ready: number };
      /** Model servers beside it; undefined where there are none. */
      servers?: ModelServerRun[];
      /** What is not as it should be, in a sentence, although it answers. */
      problem?: string;
      /** What somebody else has changed in the cluster, and is left so: a sentence each. */
      drift?: string[];
    }
  /** Answers what is in flight, and ends. */
  | { state: 'stopping'; since: string; servers?: ModelServerRun[] }
  /** It does not stay up, and is started again at `nextTryAt`. */
  | {
      state: 'failing';
      since: string;
      reason: string;
      /** How often it was tried since it last ran well. */
      attempts: number;
      nextTryAt: string;
      servers?: ModelServerRun[];
    };

/** A version that a data plane has taken the traffic from by itself, since too much of it failed. */
export interface PulledBrake {
  model: string;
  version: number;
  digest: string;
  /** ISO 8601. */
  since: string;
  /** What it was decided by: requests of the last seconds and how many of them failed, of the version and of the others. */
  requests: number;
  failures: number;
  otherRequests: number;
  otherFailures: number;
  /** What failed, in a sentence; no inputs. */
  reason: string;
}

/** How busy a data plane's process is, since the report before. */
export interface DataPlaneLoad {
  requestsInFlight: number;
  /** Over the time since the report before; left out before there is one, or by data planes of an earlier release. */
  meanRequestsInFlight?: number;
  /** Of those, which waited for a batch; as the one before. */
  meanRequestsQueued?: number;
  requestsPerSecond: number;
  /** Processors that are busy, 0 to as many as there are. */
  cpuShare: number;
  /** Resident memory of the process. */
  memoryBytes: number;
}

/** What a data plane says about itself. */
export interface DataPlaneReport {
  /** One per process start; the `producer` of its records. */
  producer: string;
  /** URL where callers reach it. */
  publicUrl: string;
  /** Id of the routes document that it serves; undefined before the first one. */
  snapshotId?: string;
  /** When somebody with a key was answered last, or now while somebody is; ISO 8601, undefined when nobody was, or it does not tell. */
  lastRequestAt?: string;
  /** What the last checks of connections said; left out when it is as in the last report that was taken. */
  connections?: ConnectionCheck[];
  /** Left out by data planes of an earlier release. */
  load?: DataPlaneLoad;
  /** Versions that it has taken the traffic from by itself; left out for none. */
  brakes?: PulledBrake[];
  /** Ids of the keys that were used since the last report that was answered; left out when none was. */
  keysUsed?: string[];
  /** What was used today under keys with a limit of the day, and yesterday for a while: what is other than in the last report that was answered. */
  tokensUsed?: TokenUse[];
  /** What came of the last 60 seconds under keys with limits of requests, every ten seconds; left out for nothing. */
  requestUse?: ToldRequestUse[];
  models: {
    model: string;
    version: number;
    digest: string;
    state: 'loading' | 'ready' | 'failed';
    /** Why it failed, or why loading it has to be tried again. */
    error?: string;
    /** Whether it runs on the thread that serves or in one for models; left out where it runs elsewhere, is not loaded, or by an earlier release. */
    placement?: 'inline' | 'worker';
    /** Of a version on demand, whether it is in memory; told at least ten seconds after it was told before. */
    inMemory?: boolean;
  }[];
}

/** A report as it is sent, every two seconds and when something has changed. */
export type SentDataPlaneReport = Omit<DataPlaneReport, 'models'> & {
  /** Left out when it is as in the last report that was taken. */
  models?: DataPlaneReport['models'];
  /** The last report: the process is being stopped, and is not to be counted on any more. */
  stopping?: true;
};

/** Answer to a report. */
export interface DataPlaneReportReceipt {
  /** False when a report without models came from a data plane that is not known: it is to send them. */
  known: boolean;
  /** Data planes of the environment that are counted on, this one among them: limits of a minute are divided by it. */
  dataPlanes?: number;
  /** What this one may use of the days of keys that were used today, where that is something else than it holds; of others as many parts as there are data planes. */
  tokenLeases?: TokenLease[];
}

export interface DataPlaneStatus extends DataPlaneReport {
  models: (DataPlaneReport['models'][number] & {
    /** Of its files, which is about what it takes in memory; absent where a provider runs it. */
    sizeBytes?: number;
  })[];
  environment: string;
  /** When it was seen for the first time, which is about when it started; ISO 8601. */
  firstSeenAt: string;
  lastSeenAt: string;
  /** When the snapshot that it serves was current; ISO 8601, undefined before it serves one that was sent to it. */
  snapshotAsOf?: string;
  /** When it said that it stops; ISO 8601, undefined when it did not. */
  stoppedAt?: string;
  /** Whether it was seen lately, and has not stopped. */
  online: boolean;
}
