import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { EvaluationRunRecord, RunState } from './evaluationRun';
import type { RowResults } from './runResult';

/** A row of `evaluation_runs`, with what is counted beside it. */
export interface RunRow {
  id: string;
  model: string;
  version: number;
  environment: string;
  dataset: string;
  dataset_version: number;
  dataset_digest: Digest;
  scorers: EvaluationRunRecord['scorers'];
  rows: number;
  identity: string;
  phase: RunState['phase'];
  reason: string | null;
  cancelled_by: string | null;
  requested_by: string;
  promotion_id: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  leases: number;
  /** Whether a data plane has it now. */
  is_leased: boolean;
  results: RowResults | null;
  answers_digest: Digest | null;
  /** Rows that are told of. */
  done: number;
}

/** A run as the rest of the registry has it. */
export function toRecord(row: RunRow): EvaluationRunRecord {
  return {
    id: row.id,
    model: row.model,
    version: row.version,
    environment: row.environment,
    dataset: {
      name: row.dataset,
      version: row.dataset_version,
      digest: row.dataset_digest,
    },
    scorers: row.scorers,
    rows: row.rows,
    identity: row.identity,
    state: toState(row),
    requestedBy: row.requested_by,
    ...(row.promotion_id !== null && { promotion: row.promotion_id }),
    createdAt: row.created_at.toISOString(),
  };
}

function toState(row: RunRow): RunState {
  const finishedAt = row.finished_at?.toISOString() ?? '';
  const { phase, leases } = row;
  switch (phase) {
    case 'queued':
      return { phase };
    case 'running':
      // One whose data plane is gone waits for the next, unless all is told.
      return row.is_leased || row.done >= row.rows
        ? {
            phase,
            startedAt: row.started_at?.toISOString() ?? '',
            leases,
            done: row.done,
          }
        : { phase: 'queued', lost: { leases } };
    case 'failed':
      return { phase, finishedAt, reason: row.reason ?? '' };
    case 'cancelled':
      return { phase, finishedAt, cancelledBy: row.cancelled_by ?? '' };
    default: {
      const { results, answers_digest: answersDigest } = row;
      if (!results || !answersDigest) {
        throw new Error(`Evaluation run '${row.id}' is done without results`);
      }
      // The database has its own order of names.
      const scores = Object.fromEntries(
        row.scorers.map(({ name }) => [name, results.scores[name] ?? []]),
      );
      return {
        phase: 'done',
        finishedAt,
        results: { ...results, scores },
        answersDigest,
      };
    }
  }
}
