import type {
  Measurement,
  MeasurementComparison,
  MeasurementQuestion,
  MeasurementResult,
  MeasurementState,
  MeasurementSummary,
} from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';

/** One that was begun so often and never ended takes the control plane with it, or is always in its way. */
export const MAX_ATTEMPTS = 5;
/** Grows where the same question is answered otherwise: then what was measured before answers it no more. */
const EDITION = 1;

/** A measurement as it is kept. */
export interface MeasurementRecord extends Omit<Measurement, 'comparison'> {
  /** Equal for measurements that ask the same. */
  identity: string;
  comparison?: Pick<
    MeasurementComparison,
    'environment' | 'version' | 'measurement'
  >;
}

/** How a measurement ends. */
export type MeasurementEnd =
  | { phase: 'done'; result: MeasurementResult; perRow?: number[] }
  | { phase: 'failed'; reason: string }
  | { phase: 'cancelled'; cancelledBy: string };

export type Phase = MeasurementState['phase'];

export function isOver({ phase }: { phase: Phase }): boolean {
  return phase !== 'queued' && phase !== 'running';
}

/** What makes two measurements the same question; versions and versions of datasets never change. */
export function identityOf(
  asked: MeasurementQuestion & {
    model: string;
    version: number;
    digest: string;
  },
): string {
  const { features = {}, slices = [], protected: groups, primary } = asked;
  return createHash('sha256')
    .update(
      JSON.stringify([
        EDITION,
        asked.model,
        asked.version,
        asked.digest,
        asked.target,
        Object.entries(features).sort(([a], [b]) => (a < b ? -1 : 1)),
        slices,
        groups ?? null,
        primary ?? null,
        asked.positive ?? null,
      ]),
    )
    .digest('hex');
}

/** Without what was found, which may be large. */
export function toSummary(record: MeasurementRecord): MeasurementSummary {
  const {
    identity: _identity,
    comparison: _comparison,
    state,
    ...rest
  } = record;
  if (state.phase !== 'done') return { ...rest, state };
  const { finishedAt, result } = state;
  return {
    ...rest,
    state: {
      phase: 'done',
      finishedAt,
      primary: result.metrics[0],
      measuredRows: result.rows,
    },
  };
}
