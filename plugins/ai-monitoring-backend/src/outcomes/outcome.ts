import type {
  OutcomeRecord,
  PredictionRecord,
} from '@greenroom/plugin-ai-inference-common';

/** What is known of a request that an outcome was told of. */
export interface KnownRequest {
  requestId: string;
  version: number;
  at: Date;
  comparison?: string;
  unit: number;
  prediction?: number | string;
  /** Names of the outcomes that it has already. */
  told: string[];
}

/** More outcomes of one request are not taken. */
const MOST_NAMES = 20;

/** An outcome as it counts. */
export type JoinedOutcome =
  | {
      kind: 'joined';
      /** A number, or 1 for an event that happened or a label that was predicted, else 0. */
      value: number;
      isLabel: boolean;
    }
  | { kind: 'duplicate' }
  | { kind: 'late' }
  | { kind: 'unmatched' };

/** What becomes of an outcome whose request is known. */
export function joinOutcome(
  { name, value }: Pick<OutcomeRecord, 'name' | 'value'>,
  request: KnownRequest,
  options: { oldestMillis: number },
): JoinedOutcome {
  if (request.told.includes(name)) return { kind: 'duplicate' };
  if (request.told.length >= MOST_NAMES) return { kind: 'unmatched' };
  if (request.at.getTime() < options.oldestMillis) return { kind: 'late' };
  // A text is a true label, also that of an index. A number is one, whatever was predicted: what was paid, say.
  if (typeof value !== 'string') {
    return { kind: 'joined', value: Number(value), isLabel: false };
  }
  const { prediction } = request;
  if (prediction === undefined) return { kind: 'unmatched' };
  const isPredicted = String(prediction) === value;
  return { kind: 'joined', value: isPredicted ? 1 : 0, isLabel: true };
}

/** Requests of one model that are kept of a batch at most, for each second. */
const MOST_A_SECOND = 1_000;

/** Those that are kept, and how many are not, by model. */
export function boundPerSecond(
  predictions: PredictionRecord[],
  most: number = MOST_A_SECOND,
): { kept: PredictionRecord[]; shed: Map<string, number> } {
  const counts = new Map<string, number>();
  const shed = new Map<string, number>();
  const kept = predictions.filter(({ model, at }) => {
    const second = `${model}/${Math.floor(at / 1_000)}`;
    const count = (counts.get(second) ?? 0) + 1;
    counts.set(second, count);
    if (count <= most) return true;
    shed.set(model, (shed.get(model) ?? 0) + 1);
    return false;
  });
  return { kept, shed };
}

/** `2026-05-03`, by UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
