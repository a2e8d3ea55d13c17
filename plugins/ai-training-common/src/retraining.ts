/** When a model is trained again by itself, as its manifest in an environment says (`spec.automatedPromotion.retrain`). */
export interface RetrainingPolicy {
  /** Name of the training template. */
  template: string;
  /** Whether drift of its input starts a training. */
  onDrift?: boolean;
  /** 1 to 365, from the end of the last training on. */
  everyDays?: number;
}

/** Why a training was started. */
export type RetrainingCause =
  /** So many days have passed. */
  | { kind: 'days'; days: number }
  /** The input of the running version has drifted without a pause since then, ISO 8601. */
  | { kind: 'drift'; version: number; since: string }
  /** Somebody asked for it; entity ref. */
  | { kind: 'person'; by: string };

/** A training that was begun by itself. */
export interface BegunRetraining {
  because: RetrainingCause;
  /** Id of the training job. */
  job: string;
}

/** Where it stands; `since` and all times are ISO 8601. */
export type RetrainingState =
  /** It waits for the next time, which is unknown where only drift starts it. */
  | { phase: 'idle'; since: string; nextAt?: string }
  /** A job is submitted at the next look. */
  | { phase: 'due'; since: string; because: RetrainingCause }
  | ({ phase: 'training'; since: string } & BegunRetraining)
  /** The job has made a version, which is promoted as `newVersions` says; it waits for the next time. */
  | {
      phase: 'registered';
      since: string;
      job: string;
      version: number;
      nextAt?: string;
    }
  /** It is tried again at `retryAt`. */
  | {
      phase: 'failed';
      since: string;
      because: RetrainingCause;
      /** In a sentence. */
      reason: string;
      /** Undefined where none could be submitted. */
      job?: string;
      retryAt: string;
    }
  /** Nothing is started. A job that ran goes on, and is looked after again when it is resumed. */
  | {
      phase: 'paused';
      since: string;
      /** Entity ref of a person, or `service:greenroom` after too many failures. */
      by: string;
      /** In a sentence. */
      reason: string;
      training?: BegunRetraining;
    };

export type RetrainingPhase = RetrainingState['phase'];

/** Something that happened to it. */
export interface RetrainingEvent {
  /** Grows with each event of all of them. */
  id: number;
  /** ISO 8601. */
  at: string;
  state: RetrainingState;
}

/** A model that is trained again by itself for an environment. */
export interface Retraining {
  environment: string;
  model: string;
  policy: RetrainingPolicy;
  /** False where the manifest does not say it any more: nothing new is started. */
  isWanted: boolean;
  state: RetrainingState;
  /** Failures one after the other, since the last success. */
  failures: number;
  /** End of the last training that made a version, ISO 8601. */
  trainedAt?: string;
  /** How long the input of the running version has drifted without a pause; undefined where it does not, or nobody knows. */
  drift?: { version: number; since: string; seenAt: string };
  /** The last 20, the newest first. */
  events: RetrainingEvent[];
}

export interface RetrainingQuery {
  model?: string;
  template?: string;
}

/** Which one. */
export interface RetrainingPlace {
  environment: string;
  model: string;
}
