import type { ListedDeprecation } from './deprecation';
import type { Environment } from './environment';
import type { Digest, PairedComparison, Servability } from './version';

/** A step of a canary. */
export type RolloutPlanStep =
  /** A share of the traffic for the new version, in percent, and how long it is held. */
  | { weightPercent: number; holdSeconds: number }
  /** Nothing moves for that long. */
  | { pauseSeconds: number }
  /** Nothing moves until somebody goes on. */
  | { pauseUntil: 'resumed' }
  /** The analysis decides, within that time: it goes on, goes back, or is asked what to do. */
  | { analysisSeconds: number };

/** One version of an experiment, with its fixed share. */
export interface ExperimentVariant {
  version: number;
  digest: string;
  sharePercent: number;
}

/** Traffic moves step by step, or at once. */
export interface StepsPlan {
  strategy: 'canary' | 'immediate';
  /** Shares grow from step to step; after the last step all traffic moves. */
  steps: RolloutPlanStep[];
}

/** Versions are compared at fixed shares (A/B/n). */
export interface ExperimentPlan<Variant = ExperimentVariant> {
  strategy: 'experiment';
  control: Variant;
  treatments: Variant[];
  /** The part of all callers that takes part; experiments of one namespace with parts that do not overlap never share a caller. */
  namespace?: ExperimentNamespace;
  end: {
    atMostSeconds: number;
    minUnitsPerVariant: number;
    /** serve: a version that wins gets all traffic. ask: the shares stay until somebody decides. */
    winner: 'serve' | 'ask';
  };
}

/** The new version answers copies of requests; nobody gets its answers. */
export interface ShadowPlan {
  strategy: 'shadow';
  samplePercent: number;
  /** In one data plane. */
  maxCopiesInFlight: number;
  forSeconds: number;
}

/** Shares follow what the versions achieve (Thompson sampling). */
export interface AdaptivePlan {
  strategy: 'adaptive';
  /** Least share of each version, in percent. */
  floorPercent: number;
  /** Name of the metric of the analysis that the shares follow. */
  metric: string;
  updateSeconds: number;
  atMostSeconds: number;
}

/** How traffic moves from the running version to the promoted one. */
export type RolloutPlan =
  | StepsPlan
  | ExperimentPlan
  | ShadowPlan
  | AdaptivePlan;

/** The same as somebody asks for it: an experiment may name its versions by their numbers, whose digests the registry knows. */
export type NewRolloutPlan =
  | Exclude<RolloutPlan, ExperimentPlan>
  | ExperimentPlan<NewExperimentVariant>;

export type NewExperimentVariant = Omit<ExperimentVariant, 'digest'> & {
  /** Where it is given, it has to be that of the version. */
  digest?: string;
};

/** A part of all callers: `[fromPercent, toPercent)`. */
export interface ExperimentNamespace {
  name: string;
  fromPercent: number;
  toPercent: number;
}

/** What is measured of each version. */
export type Measure =
  /** Share of requests that fail, 0 to 1. */
  | { kind: 'error-rate' }
  /** A quantile of the latency, in milliseconds: 95 for the p95. */
  | { kind: 'latency'; quantilePercent: number }
  /** The mean of an outcome that callers report, in its unit. */
  | { kind: 'outcome'; outcome: string }
  /** Share of copies of requests that a shadow answers like the version that serves, 0 to 1. */
  | { kind: 'agreement' };

/** A metric that decides. */
export interface AnalysisMetric {
  name: string;
  measure: Measure;
  direction: 'higher-is-better' | 'lower-is-better';
  /** Smallest difference that matters, in the unit of the measure. */
  margin: number;
  /** Highest chance of seeing a difference that is none. */
  alpha: number;
  /** Chance of seeing a difference as large as the margin. */
  power: number;
}

/** A metric that must not get worse. */
export interface AnalysisGuardrail {
  name: string;
  measure: Measure;
  direction: 'higher-is-better' | 'lower-is-better';
  /** Largest loss that is let pass, in the unit of the measure. */
  margin: number;
  /** Highest chance of going back without a cause; its part of {@link ROLLBACK_ALPHA} when left out. */
  alpha?: number;
}

/** The plan by which versions are compared, written down before the start. */
export interface AnalysisPlan {
  /** The first one decides who wins; may be empty, where only the guardrails are watched. */
  metrics: AnalysisMetric[];
  guardrails: AnalysisGuardrail[];
  /** Nothing is decided by the metrics before each version has so many callers. */
  minUnitsPerVariant: number;
}

/** The same in a manifest. */
export type ManifestAnalysis = Omit<AnalysisPlan, 'guardrails'> & {
  /** Those that all have when left out. */
  guardrails?: AnalysisGuardrail[];
};

/** Highest chance of taking a version back that is as good, over all guardrails together. */
export const ROLLBACK_ALPHA = 0.0002;

/** How a promotion's versions are rolled out and compared. */
export interface PromotionPlan {
  rollout: RolloutPlan;
  /** Undefined: by the guardrails that all have. */
  analysis?: ManifestAnalysis;
  /** Undefined: no request can be given an outcome. */
  outcomes?: ManifestOutcomes;
}

/** Which requests can be given an outcome later. */
export interface ManifestOutcomes {
  samplePercent: number;
  keepDays: number;
}

/** How requests of a model are computed together. */
export interface ManifestBatching {
  /**
   * `auto`: where the model's graph and trial runs say that its rows are independent.
   * `on`: its owner says that they are. `off`: never.
   */
  mode: 'auto' | 'on' | 'off';
}

/** Where data planes run ONNX versions of a model. */
export interface ManifestPlacement {
  /**
   * `auto`: by the size of the files and the measured time of a row. `inline`: on the thread that answers
   * requests. `worker`: in a thread for models.
   */
  mode: 'auto' | 'inline' | 'worker';
}

/** How long its ONNX versions stay in the memory of data planes. */
export interface ManifestLoading {
  mode: 'eager' | 'on-demand';
}

/** That data planes keep answers, for requests that are the same. */
export interface ManifestResponseCache {
  /** Most memory for each version on each data plane. */
  maxMiB: number;
}

/** What language models have besides. */
export interface ManifestLanguageModel {
  /** Further names under which callers may ask for it. */
  aliases?: string[];
  /** Who answers when it does not, in this order. */
  fallbacks?: {
    /** Of the same environment. */
    model: string;
    /** What has to have happened. */
    when: FallbackReason[];
  }[];
}

/** Why a language model's answer cannot be had. */
export type FallbackReason =
  | 'unavailable'
  | 'rate-limited'
  | 'timed-out'
  | 'context-too-long';

/** propose: a promotion is opened. merge: it is merged too, when all gates are green. */
export type NewVersionPolicy = 'propose' | 'merge';

/** What happens without somebody who asks for it. */
export interface ManifestAutomatedPromotion {
  newVersions: NewVersionPolicy;
  /** How long a version has to have run in the environment before, in seconds. */
  soakSeconds?: number;
  /** When new versions are trained by themselves; undefined: never. */
  retrain?: ManifestRetraining;
}

/** How new versions come to be by themselves; with neither `onDrift` nor `everyDays`, when somebody says so. */
export interface ManifestRetraining {
  /** Name of the training template. */
  template: string;
  onDrift?: boolean;
  /** 1 to 365. */
  everyDays?: number;
}

/** A manifest as it stands on the environments repository's main branch. */
export interface DesiredDeployment {
  environment: Environment;
  model: string;
  version: number;
  digest: string;
  rollout: RolloutPlan;
  /** Where a rollback goes: as the manifest says, or else what ran before. */
  rollbackTo?: { version: number; digest: string };
  /** Undefined: as data planes do by themselves. */
  batching?: ManifestBatching;
  /** Undefined: by what data planes measure. */
  placement?: ManifestPlacement;
  /** Undefined: no answers are kept. */
  responseCache?: ManifestResponseCache;
  /** Undefined: they stay all the time. */
  loading?: ManifestLoading;
  languageModel?: ManifestLanguageModel;
  /** How the rollout's versions are compared; undefined: by the guardrails that all have. */
  analysis?: ManifestAnalysis;
  /** Undefined: none can be given one. */
  outcomes?: ManifestOutcomes;
  /** Whether some of the last rows are kept. */
  recentRows?: boolean;
  /** Undefined: as the environment's settings say. */
  automatedPromotion?: ManifestAutomatedPromotion;
  /** Commit that last changed the manifest. */
  commit: string;
  /** Promotion that made that commit; undefined for a direct push. */
  promotionId?: string;
  kind: 'promotion' | 'rollback' | 'push';
  changedAt: string;
  changedBy: string;
}

/** A manifest on the main branch that could not be applied; what ran before goes on. */
export interface EnvironmentProblem {
  /** Name of the file's folder, which may be no environment; empty for a file beside the folders. */
  environment: string;
  /** Name of the file without its ending, which may be no model. */
  model: string;
  /** Path of the manifest in the environments repository. */
  path: string;
  /** What is wrong, and what to do. */
  message: string;
  /** Commit that last changed the manifest. */
  commit: string;
  since: string;
}

/** What Git says should run in an environment. */
export interface DesiredDeployments {
  items: DesiredDeployment[];
  problems: EnvironmentProblem[];
  /** Of the models of `items` and their versions. Left out by registries from before there were any. */
  deprecations?: ListedDeprecation[];
}

/** Why a gate let the promotion pass, or not: what was looked at and what was found. */
export type GateEvidence =
  | {
      kind: 'artifact-digest';
      expected: string;
      actual: string;
      sizeBytes: number;
    }
  | {
      kind: 'signature-compatible';
      comparedWith?: number;
      differences: string[];
    }
  | {
      kind: 'evaluation';
      comparedWith?: number;
      metric?: string;
      base?: number;
      candidate?: number;
      paired?: PairedComparison;
      /** Whether each was computed here, or is what somebody claims. */
      measured?: { base: boolean; candidate: boolean };
      /** Largest loss that is let through, in the metric's unit. */
      margin?: number;
      /** What is known of the version itself, where nothing runs that it could be compared with. */
      own?: {
        metric: string;
        value: number;
        /** 95 % confidence; undefined without values per row. */
        interval?: [number, number];
        dataset: string;
        rows: number;
      }[];
    }
  | {
      kind: 'prompt-evaluation';
      dataset: { name: string; version: number; digest: Digest };
      /** Rows that were asked. */
      rows: number;
      candidate: PromptEvaluationSide;
      /** What runs; undefined where nothing does that could be asked. */
      base?: PromptEvaluationSide;
      scorers: {
        scorer: string;
        /** `cannot-tell`: a question for a reviewer. Undefined where nothing was compared. */
        outcome?: 'passed' | 'failed' | 'cannot-tell';
        /** Share of right answers. */
        candidate: number;
        /** Of the candidate's share, 95 % confidence. */
        interval: [number, number];
        base?: number;
        /** Over the rows that both answered. */
        paired?: PairedComparison;
        /** Largest loss that is let through, as a share. */
        margin?: number;
      }[];
    }
  | {
      kind: 'cost';
      candidate: CostSide;
      base?: CostSide;
      /** How much more a call costs, over rows whose cost is known with both; 95 % confidence. */
      increase?: { share: number; interval: [number, number]; rows: number };
      /** How much more is let pass. */
      maxIncreaseShare?: number;
    }
  | { kind: 'servable'; servability: Servability }
  /** Figures with their names and units, for gates that need no picture. */
  | { kind: 'facts'; facts: { label: string; value: string }[] }
  | {
      kind: 'slices';
      /** What decides. */
      metric: string;
      slices: SliceComparison[];
    }
  /** What a gate of somebody else tells, as Markdown. */
  | { kind: 'markdown'; text: string }
  | {
      kind: 'connection';
      /** Logical name, as the descriptor says. */
      name: string;
      /** Kind of the provider; undefined where the environment does not map the name. */
      provider?: string;
      /** What its last check said; undefined where none was told. */
      state?: 'answers' | 'fails';
      /** ISO 8601. */
      checkedAt?: string;
    };

/** A part of the rows of an evaluation, under both versions. */
export interface SliceComparison {
  name: string;
  rows: number;
  /** Mean of the metric's values over the slice. */
  base: number;
  candidate: number;
  /** Positive is better. */
  improvement: number;
  /** At a confidence that holds for all slices together in 95 of 100 cases. */
  interval: [number, number];
  /** worse: by its whole interval. few: too few rows for either. */
  outcome: 'worse' | 'not-worse' | 'few';
}

/** A version that was asked a prompt set. */
export interface PromptEvaluationSide {
  version: number;
  /** Id of its run. */
  run: string;
  /** Rows without an answer. */
  unanswered: number;
}

/** What a call of a version takes, as a mean over the rows of a prompt set. */
export interface CostSide {
  version: number;
  /** Undefined, as is what follows, where the provider told no tokens. */
  inputTokens?: number;
  outputTokens?: number;
  /** In `currency`; undefined without prices. */
  costOfThousandCalls?: number;
  currency?: string;
}

/** Name of a gate; those that a company adds begin with `own:`. */
export type GateId =
  | 'artifact-digest'
  | 'path'
  | 'soak'
  | 'freeze'
  | 'connection'
  | 'servable'
  | 'signature-compatible'
  | 'evaluation'
  | 'cost'
  | 'deprecation'
  | 'drift'
  | 'files'
  | 'latency'
  | 'licence'
  | 'replay'
  | 'signing'
  | 'slices'
  | `own:${string}`;

/** A check that a promotion must pass. */
export interface Gate {
  id: GateId;
  title: string;
  /**
   * `undecided`: it cannot tell, and a reviewer has to decide, with a reason that is kept.
   * `waiting`: time has to pass, after which it is looked at again. `warned`: it found something
   * against the promotion, and only reports here.
   */
  status:
    | 'pending'
    | 'running'
    | 'passed'
    | 'failed'
    | 'skipped'
    | 'undecided'
    | 'waiting'
    | 'warned';
  /** One sentence for people. */
  summary: string;
  evidence?: GateEvidence;
  /** When what a waiting gate waits for has passed, as far as that is known; ISO 8601. */
  until?: string;
  checkedAt?: string;
}

export type PromotionState =
  /** Branch, change request and gates are being made, step by step. */
  | { phase: 'checking' }
  | { phase: 'blocked'; failedGates: GateId[] }
  | { phase: 'awaiting-review' }
  | { phase: 'merging'; approvedBy?: string }
  /** Merged and applied; traffic is on its way to the version. */
  | {
      phase: 'rolling-out';
      commit: string;
      mergedAt: string;
      /** What holds it up right now, in a sentence. */
      waitingFor?: string;
    }
  | {
      phase: 'completed';
      commit: string;
      mergedAt: string;
      completedAt: string;
      outcome: PromotionOutcome;
    }
  | { phase: 'closed'; closedBy: string; closedAt: string; reason: string }
  | { phase: 'failed'; step: string; error: string };

/** How the rollout of a merged promotion ended. */
export interface PromotionOutcome {
  kind: /** The version has all traffic of the environment. */
  | 'serving'
    /** No data plane serves the environment: the version is what will be loaded there. */
    | 'not-served'
    /** Merged, judged while it was rolled out, and taken back. */
    | 'rejected'
    /** A later commit asked for something else before the rollout had ended. */
    | 'superseded'
    /** Merged before rollouts were followed to their end. */
    | 'unknown';
  /** A sentence for people. */
  note: string;
  /** What was looked at once it served; undefined where the environment asks for nothing. */
  verification?: Verification;
}

/** Whether a version does what it should where it serves: only then it goes on to the next environment. */
export interface Verification {
  status: 'passed' | 'failed';
  checks: {
    /** Of the own gate that was asked. */
    id: string;
    title: string;
    status: 'passed' | 'failed';
    /** One sentence for people. */
    summary: string;
  }[];
}

export type PromotionPhase = PromotionState['phase'];

export interface PromotionStep {
  name: string;
  title: string;
  /** The gate that it asks, where it asks one. */
  gate?: GateId;
  /** `skipped`: it was not taken, and will not be. */
  status: 'pending' | 'running' | 'done' | 'skipped' | 'failed';
  attempts: number;
  startedAt?: string;
  finishedAt?: string;
  error?: string;
  /** What a running step waits for, in a sentence. */
  waitingFor?: string;
  /** Why a skipped step was not taken, in a sentence. */
  skippedBecause?: string;
}

export interface Review {
  reviewer: string;
  verdict: 'approved' | 'rejected';
  comment: string;
  at: string;
  /** Where it was said, other than in the portal. */
  via?: 'git-host';
  /** Gates that could not tell, which the reviewer lets pass for the reason in the comment. */
  accepts?: GateId[];
  /** The branch was changed since this approval, which does not count any more. */
  isOutdated?: boolean;
}

/** A second person's yes. */
export interface NewApproval {
  comment?: string;
  /** Undecided gates to let pass; the comment has to say why. */
  accepts?: GateId[];
}

/** Somebody asks on the Git host for changes; it holds the merge until they take it back. */
export interface PromotionObjection {
  /** Entity ref of the user, or what the Git host calls somebody whom the catalog does not know. */
  by: string;
  /** Only objections of people whom the catalog knows hold anything up. */
  isKnown: boolean;
  text: string;
  at: string;
}

/** Somebody lets a gate pass that found something against the promotion, or that waits. */
export interface GateOverride {
  gate: GateId;
  by: string;
  /** Why. */
  reason: string;
  at: string;
  /** It holds for the revision that the gates looked at, and for no later one. */
  isInForce: boolean;
}

/** What somebody lets pass, and why. */
export type NewGateOverride = Pick<GateOverride, 'gate' | 'reason'>;

/** The change request on the Git host that carries the promotion. */
export interface ChangeRequestRef {
  number: number;
  title: string;
  /** Where people read and review it. */
  url: string;
  branch: string;
}

/** A request to run a version in an environment: a reviewed change to one manifest. */
export interface Promotion {
  id: string;
  kind: 'promotion' | 'rollback';
  model: string;
  version: number;
  /** Version that the manifest named when the promotion was opened. */
  fromVersion?: number;
  environment: Environment;
  reason: string;
  requestedBy: string;
  /** Of one that nobody asked for: what becomes of it. */
  automation?: NewVersionPolicy;
  createdAt: string;
  updatedAt: string;
  state: PromotionState;
  changeRequest?: ChangeRequestRef;
  steps: PromotionStep[];
  gates: Gate[];
  reviews: Review[];
  /** Oldest first. */
  overrides: GateOverride[];
  /** Not taken back; absent where there are none. */
  objections?: PromotionObjection[];
  /** Approvals on the Git host that do not count: whose, and why, in a sentence each. */
  uncounted?: string[];
  /**
   * Who wrote the change on the Git host without the catalog knowing them: as many approvals more
   * are needed in the portal, since they may be the same people. Absent where there are none.
   */
  strangers?: string[];
}

/** Something that was said below the change request. */
export interface ChangeRequestComment {
  /** Name of who said it, as the Git host has it. */
  author: string;
  /** Markdown, cut where it is very long. */
  text: string;
  /** ISO 8601. */
  at: string;
}

/** How far the change is in an environment, as the Git host was told. */
export interface ChangeRequestDeployment {
  environment: Environment;
  state: 'waiting' | 'running' | 'succeeded' | 'failed' | 'superseded';
  /** One line. */
  description: string;
  /** When it was told; ISO 8601. */
  at: string;
}

/** A promotion with its change: what a reviewer reads. */
export interface PromotionDetail extends Promotion {
  /** Description of the change request, Markdown. */
  body: string;
  /** Oldest first: the last hundred. */
  comments: ChangeRequestComment[];
  /** The newest word on each environment. */
  deployments: ChangeRequestDeployment[];
  /** Unified diff of the manifest. */
  diff: string;
  /**
   * Why the Git host could not be asked: comments, deployments and diff are empty then, and nobody
   * can approve.
   */
  hostTrouble?: string;
  /** What will happen to the traffic: as the manifest on the branch says, once it was looked at. */
  plan: PromotionPlan;
  /** Entity refs of the groups of whose members approvals count; absent for everybody who may review. */
  approverGroups?: string[];
  /** Whether the caller may approve it, and if not, why. */
  review: { allowed: true } | { allowed: false; reason: string };
  /** Whether the caller may override some of its gates, and which; if not, why. */
  override:
    | { allowed: true; gates: GateId[] }
    | { allowed: false; reason: string };
}

export interface NewPromotion {
  model: string;
  version: number;
  environment: Environment;
  reason: string;
  /** `aiRegistry.promotion.defaultRollout` when left out. */
  rollout?: NewRolloutPlan;
  /** How versions are compared from now on; as the manifest on main says when left out. */
  analysis?: ManifestAnalysis;
  /** Which requests can be given an outcome from now on; as the manifest on main says when left out. */
  outcomes?: ManifestOutcomes;
}
