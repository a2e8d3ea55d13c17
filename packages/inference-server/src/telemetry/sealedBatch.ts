import type {
  OutcomeRecord,
  PredictionRecord,
  RecordCopies,
  RecordGroup,
  RecordSample,
} from '@greenroom/plugin-ai-inference-common';
import type { LostCounts } from './LossCount';
import { outcomeWeight, predictionWeight, sampleWeight } from './recordWeight';

/** What a batch carries. */
export interface BatchParts {
  groups: RecordGroup[];
  predictions: PredictionRecord[];
  outcomes: OutcomeRecord[];
}

/** What a batch is filled with. */
export interface BatchContent extends BatchParts {
  /** How much of each there is. */
  counts: LostCounts;
  /** What that weighs which has room of its own. */
  weights: Weights;
}

/** What has room of its own: it never takes the place of records. */
export interface Weights {
  samples: number;
  predictions: number;
  outcomes: number;
}

/** A batch that waits for its receipt. It keeps its sequence and content until then. */
export interface SealedBatch extends BatchContent {
  sequence: number;
  /** Shared by the parts of a batch that was halved: how often one of them was refused. */
  origin: { refusals: number };
}

/** When records happened, in milliseconds since the epoch. */
export interface TimeSpan {
  fromMillis: number;
  toMillis: number;
}

/** Counts what a batch carries. */
export function contentOf({
  groups,
  predictions = [],
  outcomes = [],
}: Pick<BatchParts, 'groups'> & Partial<BatchParts>): BatchContent {
  const counts = {
    records: 0,
    samples: 0,
    copies: 0,
    predictions: predictions.length,
    outcomes: outcomes.length,
  };
  const weights: Weights = { samples: 0, predictions: 0, outcomes: 0 };
  for (const group of groups) {
    counts.records += group.at.length;
    counts.samples += group.samples.length;
    counts.copies += group.copies?.at.length ?? 0;
    for (const sample of group.samples) weights.samples += sampleWeight(sample);
  }
  for (const each of predictions) weights.predictions += predictionWeight(each);
  for (const each of outcomes) weights.outcomes += outcomeWeight(each);
  return { groups, predictions, outcomes, counts, weights };
}

/** @returns undefined when there is nothing in the batch. */
export function timeSpanOf({
  groups,
  predictions = [],
  outcomes = [],
}: Partial<BatchParts>): TimeSpan | undefined {
  let fromMillis = Infinity;
  let toMillis = -Infinity;
  const include = (atMillis: number) => {
    fromMillis = Math.min(fromMillis, atMillis);
    toMillis = Math.max(toMillis, atMillis);
  };
  for (const { at, samples, copies } of groups ?? []) {
    at.forEach(include);
    for (const sample of samples) include(sample.at);
    copies?.at.forEach(include);
  }
  for (const { at } of predictions) include(at);
  for (const { at } of outcomes) include(at);
  return fromMillis <= toMillis ? { fromMillis, toMillis } : undefined;
}

const NO_PARTS: BatchParts = { groups: [], predictions: [], outcomes: [] };

type Span = [from: number, to: number];
const NOTHING: Span = [0, 0];

function partOf(
  { copies: _copies, ...group }: RecordGroup,
  span: Span,
  { samples = [], copies }: { samples?: RecordSample[]; copies?: RecordCopies },
): RecordGroup {
  return {
    ...group,
    at: group.at.slice(...span),
    latencyMicros: group.latencyMicros.slice(...span),
    status: group.status.slice(...span),
    rows: group.rows.slice(...span),
    ...(group.inputTokens && {
      inputTokens: group.inputTokens.slice(...span),
      outputTokens: group.outputTokens?.slice(...span),
    }),
    ...(group.fallbacks && { fallbacks: group.fallbacks.slice(...span) }),
    ...(group.limited && { limited: group.limited.slice(...span) }),
    ...(group.units && { units: group.units.slice(...span) }),
    ...(copies && { copies }),
    samples,
  };
}

function copiesOf(
  copies: RecordCopies,
  span: Span,
  leftOut: number,
): RecordCopies {
  return {
    comparison: copies.comparison,
    at: copies.at.slice(...span),
    units: copies.units.slice(...span),
    latencyMicros: copies.latencyMicros.slice(...span),
    status: copies.status.slice(...span),
    agrees: copies.agrees.slice(...span),
    leftOut,
  };
}

/** What has room of its own, and is given up before records are. */
export type Extra = keyof Weights;

/** The same batch without one kind of what has room of its own. */
export function without(kind: Extra, parts: BatchParts): BatchParts {
  if (kind !== 'samples') return { ...parts, [kind]: [] };
  const groups = parts.groups
    .filter(({ at, copies }) => at.length > 0 || copies !== undefined)
    .map(group => ({ ...group, samples: [] }));
  return { ...parts, groups };
}

/** Nothing but one kind of what has room of its own. */
export function only(kind: Extra, parts: BatchParts): BatchParts {
  if (kind !== 'samples') {
    return { ...NO_PARTS, [kind]: parts[kind] };
  }
  const groups = parts.groups.map(group =>
    partOf(group, NOTHING, { samples: group.samples }),
  );
  return { ...NO_PARTS, groups };
}

/** Whether a batch carries anything. */
export function isEmpty({ groups, predictions, outcomes }: BatchParts) {
  return groups.length + predictions.length + outcomes.length === 0;
}

function pair<T>(
  halves: [T, T] | undefined,
  wrap: (half: T) => BatchParts,
): [BatchParts, BatchParts] | undefined {
  return halves && [wrap(halves[0]), wrap(halves[1])];
}

function halvesOf<T>(items: T[]): [T[], T[]] | undefined {
  if (items.length < 2) return undefined;
  const middle = items.length >> 1;
  return [items.slice(0, middle), items.slice(middle)];
}

function halveGroup(
  group: RecordGroup | undefined,
): [RecordGroup[], RecordGroup[]] | undefined {
  if (group === undefined) return undefined;
  const { at, samples, copies } = group;
  const records = at.length;
  // Copies that were left out are told beside those that were not, or alone.
  const copied = copies ? Math.max(1, copies.at.length) : 0;
  if (records + samples.length + copied < 2) return undefined;
  // One record apart from what came with it, and rows apart from copies.
  if (records === 1) {
    return [
      [partOf(group, [0, 1], {})],
      [partOf(group, NOTHING, { samples, copies })],
    ];
  }
  if (records === 0 && samples.length > 0 && copied > 0) {
    return [
      [partOf(group, NOTHING, { samples })],
      [partOf(group, NOTHING, { copies })],
    ];
  }
  const middle = records >> 1;
  const rows = samples.length >> 1;
  const half = copies && copies.at.length >> 1;
  return [
    [
      partOf(group, [0, middle], {
        samples: samples.slice(0, rows),
        copies: half ? copiesOf(copies, [0, half], copies.leftOut) : undefined,
      }),
    ],
    [
      partOf(group, [middle, records], {
        samples: samples.slice(rows),
        copies:
          copies &&
          (half ? copiesOf(copies, [half, copies.at.length], 0) : copies),
      }),
    ],
  ];
}

/**
 * Halves what was refused, to find what cannot be taken: first by kinds, then by groups, then
 * the records, copies and samples of the last one.
 *
 * @returns undefined for what is a single one.
 */
export function halve(parts: BatchParts): [BatchParts, BatchParts] | undefined {
  const { groups, predictions, outcomes } = parts;
  const kinds = [groups, predictions, outcomes].filter(({ length }) => length);
  if (kinds.length > 1) {
    const kind = groups.length > 0 ? 'groups' : 'predictions';
    return [
      { ...NO_PARTS, [kind]: parts[kind] },
      { ...parts, [kind]: [] },
    ];
  }
  if (predictions.length > 0) {
    return pair(halvesOf(predictions), half => ({
      ...NO_PARTS,
      predictions: half,
    }));
  }
  if (outcomes.length > 0) {
    return pair(halvesOf(outcomes), half => ({ ...NO_PARTS, outcomes: half }));
  }
  return pair(
    groups.length > 1 ? halvesOf(groups) : halveGroup(groups[0]),
    half => ({ ...NO_PARTS, groups: half }),
  );
}
