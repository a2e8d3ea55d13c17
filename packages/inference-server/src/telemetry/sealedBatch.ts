import type {
  RecordGroup,
  RecordSample,
} from '@greenroom/plugin-ai-inference-common';
import { sampleWeight } from './recordWeight';

/** What a batch is filled with. */
export interface BatchContent {
  groups: RecordGroup[];
  records: number;
  samples: number;
  /** What the samples weigh. */
  sampleWeight: number;
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

/** Counts what groups hold. */
export function contentOf(groups: RecordGroup[]): BatchContent {
  let records = 0;
  let samples = 0;
  let weight = 0;
  for (const group of groups) {
    records += group.at.length;
    samples += group.samples.length;
    for (const sample of group.samples) weight += sampleWeight(sample);
  }
  return { groups, records, samples, sampleWeight: weight };
}

/** @returns undefined when there is nothing in the groups. */
export function timeSpanOf(groups: RecordGroup[]): TimeSpan | undefined {
  let fromMillis = Infinity;
  let toMillis = -Infinity;
  const include = (atMillis: number) => {
    fromMillis = Math.min(fromMillis, atMillis);
    toMillis = Math.max(toMillis, atMillis);
  };
  for (const { at, samples } of groups) {
    for (const atMillis of at) include(atMillis);
    for (const sample of samples) include(sample.at);
  }
  return fromMillis <= toMillis ? { fromMillis, toMillis } : undefined;
}

/** The same groups without their copied rows; those that had nothing else are left out. */
export function withoutSamples(groups: RecordGroup[]): RecordGroup[] {
  return groups
    .filter(({ at }) => at.length > 0)
    .map(group => ({ ...group, samples: [] }));
}

/**
 * Halves what was refused, to find what cannot be taken: first by groups, then the records
 * and samples of the last one.
 *
 * @returns undefined for a single record or sample.
 */
export function halve(
  groups: RecordGroup[],
): [RecordGroup[], RecordGroup[]] | undefined {
  if (groups.length > 1) {
    const middle = groups.length >> 1;
    return [groups.slice(0, middle), groups.slice(middle)];
  }
  const [group] = groups;
  if (group === undefined) return undefined;
  const { at, samples } = group;
  if (at.length + samples.length < 2) return undefined;
  // One record apart from the rows that came with it.
  if (at.length === 1)
    return [[{ ...group, samples: [] }], [onlySamples(group, samples)]];
  const records = at.length >> 1;
  const rows = samples.length >> 1;
  return [
    [partOf(group, 0, records, samples.slice(0, rows))],
    [partOf(group, records, at.length, samples.slice(rows))],
  ];
}

function onlySamples(group: RecordGroup, samples: RecordSample[]): RecordGroup {
  return partOf(group, 0, 0, samples);
}

function partOf(
  group: RecordGroup,
  start: number,
  end: number,
  samples: RecordSample[],
): RecordGroup {
  return {
    ...group,
    at: group.at.slice(start, end),
    latencyMicros: group.latencyMicros.slice(start, end),
    status: group.status.slice(start, end),
    rows: group.rows.slice(start, end),
    ...(group.inputTokens && {
      inputTokens: group.inputTokens.slice(start, end),
      outputTokens: group.outputTokens?.slice(start, end),
    }),
    ...(group.fallbacks && { fallbacks: group.fallbacks.slice(start, end) }),
    ...(group.limited && { limited: group.limited.slice(start, end) }),
    samples,
  };
}
