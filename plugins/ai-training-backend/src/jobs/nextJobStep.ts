import type {
  AttemptEnd,
  JobState,
  StartReason,
  StopReason,
} from '@greenroom/plugin-ai-training-common';
import { isDeepStrictEqual } from 'node:util';
import type { ObservedAttempt } from '../backends/TrainingBackend';

/** What one has to know of a job to say what happens to it. */
export interface JobSituation {
  now: Date;
  state: JobState;
  /** Why it is to end; undefined while it is to go on. */
  wish?: StopReason;
  /** Attempts that ended by no fault of the program. */
  failures: number;
  /** How many of these are borne. */
  retries: number;
  deadlineMinutes: number;
  /** Time that the programs of earlier attempts have run. */
  ranMillis: number;
  /** The attempt that is under way; undefined before the first one. */
  attempt?: {
    startedAt: Date;
    runningAt?: Date;
    /** When Kueue let it go last; undefined where it never held it. */
    heldUntil?: Date;
    /** How long Kueue has held it since its program first ran. */
    heldMillis?: number;
    /** Since when the backend knows nothing of it, though it should. */
    missingSince?: Date;
  };
  /** What the backend says of that attempt; undefined where it knows nothing of it. */
  observed: ObservedAttempt['state'] | 'away' | undefined;
}

/** What is done about a job. Everything may be done again. */
export type JobStep =
  | { do: 'nothing' }
  /** It has never begun, or nothing of it is there. */
  | { do: 'begin' }
  /** Remember since when it is missing. */
  | { do: 'miss' }
  /** It is another way than before. */
  | {
      do: 'show';
      state: JobState;
      runningAt?: Date;
      /** Whether it waits for something else now, and not only says it in other words. */
      isNews: boolean;
    }
  /** Tell the backend, now and at each look until it has ended. */
  | { do: 'stop'; state: JobState }
  /** The attempt has ended, or there was none: keep its log, then say so. */
  | {
      do: 'end';
      end: AttemptEnd | undefined;
      state: JobState;
      /** Before this it is not tried again; undefined where it is over, or at once. */
      retryAt?: Date;
      isFailure: boolean;
    };

/** A pod that was removed may be told of late; a list may be as old as this. */
export const LOST_MILLIS = 60_000;
const START_MINUTES = 30;
/** A tag with a wrong letter never comes; one whose registry is away for a moment does. */
const IMAGE_MINUTES = 10;
const FIRST_RETRY_MILLIS = 15_000;
const LONGEST_RETRY_MILLIS = 10 * 60_000;
const MINUTE_MILLIS = 60_000;

/** Says what happens next to a job that has not ended. */
export function nextJobStep(situation: JobSituation): JobStep {
  const { state, wish, observed } = situation;
  switch (state.phase) {
    case 'queued':
      return wish ? endQueued(situation, wish) : { do: 'nothing' };
    case 'starting':
    case 'running':
      if (observed === 'away') return { do: 'nothing' };
      if (observed?.phase === 'ended') return ended(situation, observed.end);
      if (wish) return stop(situation, wish);
      return observed ? follow(situation, observed) : missing(situation);
    case 'stopping':
      if (observed === 'away') return { do: 'nothing' };
      if (observed === undefined || observed.phase === 'ended') {
        // Who is told to make room and ends with 0 had done all that it was to do.
        // What somebody wants meanwhile goes before what the queue did.
        const why = wish ?? state.why;
        return observed?.end.kind === 'succeeded' && why.kind === 'preempted'
          ? ended(situation, observed.end)
          : ended(situation, { kind: 'stopped', why });
      }
      return { do: 'stop', state };
    default:
      return { do: 'nothing' };
  }
}

function endQueued({ now }: JobSituation, why: StopReason): JobStep {
  const since = now.toISOString();
  const state: JobState =
    why.kind === 'cancelled'
      ? { phase: 'cancelled', since, by: why.by }
      : { phase: 'failed', since, end: { kind: 'stopped', why } };
  return { do: 'end', end: undefined, state, isFailure: false };
}

function stop({ now }: JobSituation, why: StopReason): JobStep {
  return {
    do: 'stop',
    state: { phase: 'stopping', since: now.toISOString(), why },
  };
}

function missing(situation: JobSituation): JobStep {
  const { now, state, attempt } = situation;
  // It is made again under the same name: there is never a second one.
  if (state.phase === 'starting') {
    const waited = attempt ? now.getTime() - attempt.startedAt.getTime() : 0;
    if (waited <= START_MINUTES * MINUTE_MILLIS) return { do: 'begin' };
    return ended(situation, {
      kind: 'not-started',
      message: `It was begun again and again for ${START_MINUTES} minutes, and never came.`,
    });
  }
  if (!attempt?.missingSince) return { do: 'miss' };
  if (now.getTime() - attempt.missingSince.getTime() < LOST_MILLIS) {
    return { do: 'nothing' };
  }
  return ended(situation, {
    kind: 'lost',
    message:
      'It was there, and is not any more: somebody or something removed it.',
  });
}

/** It is under way. */
function follow(
  situation: JobSituation,
  observed: Exclude<ObservedAttempt['state'], { phase: 'ended' }>,
): JobStep {
  const { now, state, attempt, ranMillis, deadlineMinutes } = situation;
  if (observed.phase === 'starting') {
    const late = startTimeout(situation, observed.reason);
    if (late) return stop(situation, late);
    const isSame =
      // Kueue alone takes its place from what runs, and gives it another one.
      (state.phase === 'running' && observed.reason.kind !== 'kueue') ||
      (state.phase === 'starting' &&
        // The database has keys in an order of its own.
        isDeepStrictEqual(state.reason, observed.reason));
    if (isSame) return { do: 'nothing' };
    const isNews =
      state.phase !== 'starting' || state.reason.kind !== observed.reason.kind;
    const since = isNews ? now.toISOString() : state.since;
    return {
      do: 'show',
      state: { phase: 'starting', since, reason: observed.reason },
      isNews,
    };
  }
  const runningAt = attempt?.runningAt ?? now;
  const ran =
    ranMillis +
    now.getTime() -
    runningAt.getTime() -
    (attempt?.heldMillis ?? 0);
  if (ran > deadlineMinutes * MINUTE_MILLIS) {
    return stop(situation, { kind: 'deadline', minutes: deadlineMinutes });
  }
  return state.phase === 'running'
    ? { do: 'nothing' }
    : {
        do: 'show',
        state: { phase: 'running', since: runningAt.toISOString() },
        runningAt,
        isNews: true,
      };
}

/** What waits for a machine has one kept for it, which others could use. Kueue keeps none. */
function startTimeout(
  { now, attempt, state }: JobSituation,
  reason: StartReason,
): StopReason | undefined {
  if (state.phase !== 'starting' || reason.kind === 'kueue' || !attempt) {
    return undefined;
  }
  const minutes =
    reason.kind === 'image-not-pulled' ? IMAGE_MINUTES : START_MINUTES;
  const since = attempt.heldUntil ?? attempt.startedAt;
  const waited = now.getTime() - since.getTime();
  return waited > minutes * MINUTE_MILLIS
    ? { kind: 'start-timeout', minutes, reason }
    : undefined;
}

function ended(situation: JobSituation, end: AttemptEnd): JobStep {
  const { now, failures, retries } = situation;
  const since = now.toISOString();
  const fail: JobStep = {
    do: 'end',
    end,
    state: { phase: 'failed', since, end },
    isFailure: true,
  };
  switch (end.kind) {
    case 'succeeded':
      return {
        ...fail,
        state: { phase: 'succeeded', since },
        isFailure: false,
      };
    case 'stopped':
      return endStopped(situation, end.why, fail);
    case 'lost':
    case 'evicted':
    case 'not-started':
    case 'disk-full':
      if (situation.wish) return endStopped(situation, situation.wish, fail);
      if (failures >= retries) return fail;
      return again(situation, fail, retryPause(failures));
    default:
      // Who cancels it is not told that it failed, also where its program was the faster one.
      return situation.wish?.kind === 'cancelled'
        ? { ...endStopped(situation, situation.wish, fail), end }
        : fail;
  }
}

function endStopped(
  situation: JobSituation,
  why: StopReason,
  fail: JobStep & { do: 'end' },
): JobStep & { do: 'end' } {
  const since = situation.now.toISOString();
  const end: AttemptEnd = { kind: 'stopped', why };
  switch (why.kind) {
    case 'cancelled':
      return {
        ...fail,
        end,
        state: { phase: 'cancelled', since, by: why.by },
        isFailure: false,
      };
    case 'preempted':
      return {
        ...fail,
        end,
        state: {
          phase: 'queued',
          since,
          reason: { kind: 'preempted', by: why.by, position: 0 },
        },
        isFailure: false,
      };
    default:
      return { ...fail, end, state: { phase: 'failed', since, end } };
  }
}

function again(
  { now }: JobSituation,
  fail: JobStep & { do: 'end' },
  pauseMillis: number,
): JobStep {
  const retryAt = new Date(now.getTime() + pauseMillis);
  return {
    ...fail,
    state: {
      phase: 'queued',
      since: now.toISOString(),
      reason: { kind: 'retry-pause', until: retryAt.toISOString() },
    },
    retryAt,
  };
}

/** Twice as long each time. */
export function retryPause(failures: number): number {
  return Math.min(FIRST_RETRY_MILLIS * 2 ** failures, LONGEST_RETRY_MILLIS);
}
