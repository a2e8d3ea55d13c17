import type {
  BegunRetraining,
  RetrainingCause,
  RetrainingPolicy,
  RetrainingState,
} from '@greenroom/plugin-ai-training-common';

const HOUR_MILLIS = 60 * 60_000;
const DAY_MILLIS = 24 * HOUR_MILLIS;

/** Drift that goes away within an hour is no reason for a training. */
export const CONFIRMED_AFTER_MILLIS = HOUR_MILLIS;
/** Of a model that nobody asks for so long it is not known whether it still drifts: it begins anew. */
export const FORGOTTEN_AFTER_MILLIS = 2 * HOUR_MILLIS;
/** A new version needs time to be promoted before the drift of the old one says anything again. */
export const DRIFT_PAUSE_MILLIS = DAY_MILLIS;
/** Before the first try after a failure, and before the second; after the next one it is paused. */
export const RETRY_MILLIS: readonly number[] = [HOUR_MILLIS, DAY_MILLIS];

/** Who is named where nobody did it. */
export const SYSTEM = 'service:greenroom';

/** Since when the input of a version was seen to drift, look after look, and when it was last. */
export interface Drift {
  version: number;
  since: Date;
  seenAt: Date;
}

/** What has become of the job of a training. */
export type JobOutcome =
  /** It waits or runs. */
  | { kind: 'open' }
  /** Without a version where it has registered none of the model. */
  | { kind: 'succeeded'; endedAt: Date; version?: number }
  /** In a sentence. */
  | { kind: 'failed'; reason: string }
  | { kind: 'cancelled'; by: string }
  | { kind: 'gone' };

export interface RetrainingSituation {
  policy: RetrainingPolicy;
  /** Whether the manifest still has it. */
  isWanted: boolean;
  state: RetrainingState;
  firstSeenAt: Date;
  /** End of the last training that made a version. */
  trainedAt?: Date;
  /** When drift last made one due. */
  driftStartedAt?: Date;
  /** Since the last success. */
  failures: number;
  drift?: Drift;
  /** Of the job that the state names, where it names one that matters: `training` and `failed`. */
  job?: JobOutcome;
}

/** Another state, and what is remembered with it. */
export interface Becoming {
  do: 'become';
  state: RetrainingState;
  failures: number;
  trainedAt?: Date;
  driftStartedAt?: Date;
  /** Whether it is told and remembered; a new `nextAt` is not. */
  isNews: boolean;
}

export type RetrainingDecision =
  | { do: 'nothing' }
  /** A job, asked for once however often it is decided: `at` is the same until the state is another one. */
  | { do: 'submit'; because: RetrainingCause; at: string }
  | Becoming;

const NOTHING: RetrainingDecision = { do: 'nothing' };

/** What is done about a model that is trained again by itself. */
export function decideRetraining(
  situation: RetrainingSituation,
  now: Date,
): RetrainingDecision {
  const { state, isWanted, policy, job } = situation;
  switch (state.phase) {
    case 'paused':
      return NOTHING;
    case 'training':
      return afterJob(situation, state, now);
    case 'due':
      return isWanted && isStillMeant(state.because, policy)
        ? { do: 'submit', because: state.because, at: state.since }
        : toIdle(situation, now);
    case 'failed': {
      // Somebody has tried the job again, by hand.
      const isBack =
        job?.kind === 'open' ||
        (job?.kind === 'succeeded' && job.version !== undefined);
      if (isBack) {
        const begun = { because: state.because, job: state.job! };
        return job.kind === 'open'
          ? become(situation, {
              phase: 'training',
              since: now.toISOString(),
              ...begun,
            })
          : afterJob(situation, begun, now);
      }
      if (!isWanted || now < new Date(state.retryAt)) return NOTHING;
      return isStillMeant(state.because, policy)
        ? toDue(situation, state.because, now)
        : toIdle(situation, now);
    }
    default: {
      if (!isWanted) return NOTHING;
      const cause = findCause(situation, now);
      if (cause) return toDue(situation, cause, now);
      const nextAt = nextTimeOf(situation)?.toISOString();
      if (nextAt === state.nextAt) return NOTHING;
      const { nextAt: _, ...rest } = state;
      return {
        ...become(situation, { ...rest, ...(nextAt && { nextAt }) }),
        isNews: false,
      };
    }
  }
}

/** After a failure, a job that could not be submitted among them: tried again after a pause, or paused. */
export function afterFailure(
  situation: RetrainingSituation,
  failure: { because: RetrainingCause; reason: string; job?: string },
  now: Date,
): Becoming {
  const since = now.toISOString();
  const failures = situation.failures + 1;
  const pauseMillis = RETRY_MILLIS.at(failures - 1);
  if (pauseMillis !== undefined) {
    const retryAt = new Date(now.getTime() + pauseMillis).toISOString();
    const state = { phase: 'failed' as const, since, ...failure, retryAt };
    return { ...become(situation, state), failures };
  }
  return {
    ...become(situation, {
      phase: 'paused',
      since,
      by: SYSTEM,
      reason: `It failed ${failures} times, one after the other; the last time: ${failure.reason}`,
    }),
    failures,
  };
}

/**
 * What is known of drift after a look.
 *
 * @param seen - what monitoring says of the version that runs; undefined where it says nothing
 */
export function nextDrift(
  before: Drift | undefined,
  seen: { version: number; isDrifting: boolean } | undefined,
  now: Date,
): Drift | undefined {
  const isFresh =
    before !== undefined &&
    now.getTime() - before.seenAt.getTime() <= FORGOTTEN_AFTER_MILLIS;
  if (!seen) return isFresh ? before : undefined;
  const { version, isDrifting } = seen;
  if (!isDrifting) return undefined;
  return isFresh && before.version === version
    ? { ...before, seenAt: now }
    : { version, since: now, seenAt: now };
}

function isConfirmed({ since, seenAt }: Drift): boolean {
  return seenAt.getTime() - since.getTime() >= CONFIRMED_AFTER_MILLIS;
}

function afterJob(
  situation: RetrainingSituation,
  { because, job: id }: BegunRetraining,
  now: Date,
): RetrainingDecision {
  const { job = { kind: 'open' } } = situation;
  const fail = (reason: string) =>
    afterFailure(situation, { because, reason, job: id }, now);
  switch (job.kind) {
    case 'open':
      return NOTHING;
    case 'succeeded': {
      const { version, endedAt } = job;
      if (version === undefined) {
        return fail(
          'The job succeeded and has registered no version of the model: have its program register one from its run.',
        );
      }
      const nextAt = nextTimeOf({ ...situation, trainedAt: endedAt });
      return {
        ...become(situation, {
          phase: 'registered',
          since: now.toISOString(),
          job: id,
          version,
          ...(nextAt && { nextAt: nextAt.toISOString() }),
        }),
        failures: 0,
        trainedAt: endedAt,
      };
    }
    case 'cancelled':
      // Whoever stops it does not want it to be there again in an hour.
      return become(situation, {
        phase: 'paused',
        since: now.toISOString(),
        by: job.by,
        reason: 'Its job was cancelled.',
      });
    case 'failed':
      return fail(job.reason);
    default:
      return fail('The job is gone: its experiment or run was removed.');
  }
}

function findCause(
  situation: RetrainingSituation,
  now: Date,
): RetrainingCause | undefined {
  const { policy, drift, driftStartedAt } = situation;
  const nextAt = nextTimeOf(situation);
  if (nextAt && now >= nextAt) {
    return { kind: 'days', days: policy.everyDays! };
  }
  const isRested =
    !driftStartedAt ||
    now.getTime() - driftStartedAt.getTime() >= DRIFT_PAUSE_MILLIS;
  if (!policy.onDrift || !drift || !isConfirmed(drift) || !isRested) {
    return undefined;
  }
  return {
    kind: 'drift',
    version: drift.version,
    since: drift.since.toISOString(),
  };
}

/** When the days have passed; undefined where they do not count. */
function nextTimeOf({
  policy,
  trainedAt,
  firstSeenAt,
}: Pick<RetrainingSituation, 'policy' | 'trainedAt' | 'firstSeenAt'>):
  | Date
  | undefined {
  if (policy.everyDays === undefined) return undefined;
  const from = trainedAt ?? firstSeenAt;
  return new Date(from.getTime() + policy.everyDays * DAY_MILLIS);
}

function isStillMeant(
  because: RetrainingCause,
  policy: RetrainingPolicy,
): boolean {
  switch (because.kind) {
    case 'days':
      return policy.everyDays !== undefined;
    case 'drift':
      return policy.onDrift === true;
    default:
      return true;
  }
}

function toDue(
  situation: RetrainingSituation,
  because: RetrainingCause,
  now: Date,
): Becoming {
  const isRetry = situation.state.phase === 'failed';
  return {
    ...become(situation, { phase: 'due', since: now.toISOString(), because }),
    ...(because.kind === 'drift' && !isRetry && { driftStartedAt: now }),
  };
}

function toIdle(situation: RetrainingSituation, now: Date): Becoming {
  const nextAt = situation.isWanted ? nextTimeOf(situation) : undefined;
  return become(situation, {
    phase: 'idle',
    since: now.toISOString(),
    ...(nextAt && { nextAt: nextAt.toISOString() }),
  });
}

function become(
  { failures }: RetrainingSituation,
  state: RetrainingState,
): Becoming {
  return { do: 'become', state, failures, isNews: true };
}
