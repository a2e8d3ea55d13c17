import type {
  Connection,
  Digest,
  EvaluationRun,
  EvaluationRunState,
  ExternalDescriptor,
  PromptScorer,
} from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { type RowResults, summariseRows } from './runResult';

const HOUR_MILLIS = 60 * 60 * 1_000;

/** How long a data plane that was killed, or hangs, keeps others from its run. */
export const LEASE_MILLIS = 15_000;
/** Runs that the data planes of an environment work on at a time. */
export const RUNS_AT_ONCE = 2;
/** A run that so many data planes have lost is not given to another one. */
export const MAX_LEASES = 5;
/** How long a run may take, once a data plane has taken it. */
export const RUN_TIMEOUT_MILLIS = HOUR_MILLIS;
/** How long a run waits for a data plane. */
export const QUEUE_TIMEOUT_MILLIS = 24 * HOUR_MILLIS;
/** How long a row may take, the connection's retries included. */
export const ROW_TIMEOUT_MILLIS = 120_000;
/** Rows that a data plane asks at a time. */
export const ROWS_AT_ONCE = 4;

/** A run as it is kept. */
export interface EvaluationRunRecord
  extends Omit<EvaluationRun, 'state' | 'scorers'> {
  scorers: (PromptScorer & { name: string })[];
  /** Equal for runs that ask the same. */
  identity: string;
  state: RunState;
}

export type RunState =
  | { phase: 'queued'; lost?: { leases: number } }
  | {
      phase: 'running';
      startedAt: string;
      leases: number;
      /** Rows with an answer, or without one for good. */
      done: number;
    }
  | {
      phase: 'done';
      finishedAt: string;
      results: RowResults;
      answersDigest: Digest;
    }
  | { phase: 'failed'; finishedAt: string; reason: string }
  | { phase: 'cancelled'; finishedAt: string; cancelledBy: string };

/**
 * What makes two runs the same question: the version, the rows, how answers are judged, and who
 * is asked over which connection. Only time is left out.
 */
export function identityOf(run: {
  versionDigest: string;
  environment: string;
  datasetDigest: string;
  scorers: readonly PromptScorer[];
  rows: number;
  connection: Connection;
}): string {
  const { versionDigest, environment, datasetDigest } = run;
  const { scorers, rows, connection } = run;
  return createHash('sha256')
    .update(
      JSON.stringify([
        versionDigest,
        environment,
        datasetDigest,
        scorers.map(sorted),
        rows,
        sorted(connection),
      ]),
    )
    .digest('hex');
}

/** The part of a run that callers see. */
export function toEvaluationRun(
  record: EvaluationRunRecord,
  waitingFor: string,
): EvaluationRun {
  const { identity: _identity, state, ...run } = record;
  return { ...run, state: toState(record, state, waitingFor) };
}

function toState(
  { rows }: EvaluationRunRecord,
  state: RunState,
  waitingFor: string,
): EvaluationRunState {
  switch (state.phase) {
    case 'queued':
      return { phase: 'queued', waitingFor };
    case 'running':
      return { phase: 'running', done: state.done, of: rows };
    case 'done': {
      const { finishedAt, results } = state;
      return { phase: 'done', finishedAt, result: summariseRows(results) };
    }
    default:
      return state;
  }
}

/**
 * Why a run that is under way has to end; undefined while it may go on.
 */
export function whyOver(
  { state, environment, createdAt }: EvaluationRunRecord,
  now: Date,
): string | undefined {
  const hours = (millis: number) => `${millis / HOUR_MILLIS} h`;
  if (state.phase === 'queued') {
    if ((state.lost?.leases ?? 0) >= MAX_LEASES) {
      return `${state.lost?.leases} data planes of ${environment} took it, and were lost: see their logs`;
    }
    return now.getTime() - Date.parse(createdAt) > QUEUE_TIMEOUT_MILLIS
      ? `No data plane of ${environment} took it within ${hours(
          QUEUE_TIMEOUT_MILLIS,
        )}`
      : undefined;
  }
  return state.phase === 'running' &&
    now.getTime() - Date.parse(state.startedAt) > RUN_TIMEOUT_MILLIS
    ? `It took longer than ${hours(RUN_TIMEOUT_MILLIS)}: ask fewer rows`
    : undefined;
}

/** What a version is asked by: only one that answers chats can be. */
export function answersChats(
  external: ExternalDescriptor | undefined,
): external is ExternalDescriptor {
  return external !== undefined && external.tasks.includes('chat');
}

/** With keys in one order, at any depth. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
