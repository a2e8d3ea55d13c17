import type { Environment } from './environment';
import type { Digest, PairedComparison, Servability } from './version';

/** A step of a canary. */
export type RolloutPlanStep =
  /** A share of the traffic for the new version, in percent, and how long it is held. */
  | { weightPercent: number; holdSeconds: number }
  /** Nothing moves for that long. */
  | { pauseSeconds: number }
  /** Nothing moves until somebody goes on. */
  | { pauseUntil: 'resumed' };

/** How traffic moves from the running version to the promoted one. */
export interface RolloutPlan {
  strategy: 'canary' | 'immediate';
  /** Shares grow from step to step; after the last step all traffic moves. */
  steps: RolloutPlanStep[];
}

/** How requests of a model are computed together. */
export interface ManifestBatching {
  /**
   * `auto`: where the model's graph and trial runs say that its rows are independent.
   * `on`: its owner says that they are. `off`: never.
   */
  mode: 'auto' | 'on' | 'off';
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
  languageModel?: ManifestLanguageModel;
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

/** A check that a promotion must pass. */
export interface Gate {
  id:
    | 'artifact-digest'
    | 'connection'
    | 'servable'
    | 'signature-compatible'
    | 'evaluation'
    | 'cost';
  title: string;
  /** `undecided`: it cannot tell, and a reviewer has to decide, with a reason that is kept. */
  status: 'pending' | 'passed' | 'failed' | 'skipped' | 'undecided';
  /** One sentence for people. */
  summary: string;
  evidence?: GateEvidence;
  checkedAt?: string;
}

export type PromotionState =
  /** Branch, change request and gates are being made, step by step. */
  | { phase: 'checking' }
  | { phase: 'blocked'; failedGates: Gate['id'][] }
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
}

export type PromotionPhase = PromotionState['phase'];

export interface PromotionStep {
  name: string;
  title: string;
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
  /** Gates that could not tell, which the reviewer lets pass for the reason in the comment. */
  accepts?: Gate['id'][];
}

/** A second person's yes. */
export interface NewApproval {
  comment?: string;
  /** Undecided gates to let pass; the comment has to say why. */
  accepts?: Gate['id'][];
}

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
  createdAt: string;
  updatedAt: string;
  state: PromotionState;
  changeRequest?: ChangeRequestRef;
  steps: PromotionStep[];
  gates: Gate[];
  reviews: Review[];
}

/** A promotion with its change: what a reviewer reads. */
export interface PromotionDetail extends Promotion {
  /** Description of the change request, Markdown. */
  body: string;
  /** Unified diff of the manifest. */
  diff: string;
  /** Entity refs of the groups of whose members approvals count; absent for everybody who may review. */
  approverGroups?: string[];
  /** Whether the caller may approve it, and if not, why. */
  review: { allowed: true } | { allowed: false; reason: string };
}

export interface NewPromotion {
  model: string;
  version: number;
  environment: Environment;
  reason: string;
  rollout?: RolloutPlan;
}
