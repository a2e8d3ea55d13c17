import type {
  RecordBatch,
  RecordCopies,
  RecordGroup,
  RefusedRecords,
} from '@greenroom/plugin-ai-inference-common';

/** Below this an offset is as likely the way of the batch as the clock. */
const UNNOTICED_OFFSET_MILLIS = 5_000;

export interface ClockRules {
  /** When the batch arrived, by the control plane's clock; milliseconds since the epoch. */
  receivedMillis: number;
  /** Largest offset of a producer's clock that is corrected. */
  maxOffsetMillis: number;
  /** Records from before this would be forgotten at once. */
  oldestMillis: number;
}

export interface TimedBatch {
  /** How far the producer's clock is ahead of ours; below 0 behind. */
  offsetMillis: number;
  /** With times by our clock, without what was refused. */
  batch: RecordBatch;
  refused: RefusedRecords[];
  /** What else was refused, since its time is not known. */
  untimed: Untimed;
}

export interface Untimed {
  /** Requests and copies of them, by comparison. */
  compared: Map<string, number>;
  /** Requests that could have been given an outcome, by model. */
  predictions: Map<string, number>;
}

/**
 * Puts a batch's records where they belong by the control plane's own clock: what a producer's
 * clock is wrong by is the difference between when it says that it sent the batch and when the
 * batch arrived. Small offsets are corrected. With a large one nothing is known of when the
 * records happened, as the clock may have been set in between, and they are refused.
 */
export function correctTimes(
  batch: RecordBatch,
  rules: ClockRules,
): TimedBatch {
  const { receivedMillis, maxOffsetMillis, oldestMillis } = rules;
  const offsetMillis = Date.parse(batch.sentAt) - receivedMillis;
  if (Math.abs(offsetMillis) > maxOffsetMillis) {
    const reason = `The clock of the data plane is ${describeOffset(
      offsetMillis,
    )}`;
    return {
      offsetMillis,
      // What callers say of earlier requests has a time of its own.
      batch: { ...batch, groups: [], predictions: [] },
      refused: batch.groups.map(group => refusalOf(group, reason)),
      untimed: untimedOf(batch, { groups: [] }),
    };
  }
  const shift =
    Math.abs(offsetMillis) > UNNOTICED_OFFSET_MILLIS ? offsetMillis : 0;
  const isKnown = (at: number) =>
    at - shift >= oldestMillis &&
    at - shift <= receivedMillis + maxOffsetMillis;
  const refused: RefusedRecords[] = [];
  const groups = batch.groups.map(group => {
    const kept = keepTimes(group, isKnown, shift);
    const records = group.at.length - kept.at.length;
    const samples = group.samples.length - kept.samples.length;
    if (records + samples > 0) {
      refused.push({
        model: group.model,
        version: group.version,
        records,
        samples,
        reason: 'They are from the future, or older than anything that is kept',
      });
    }
    return kept;
  });
  const lost = {
    ...batch.lost,
    fromMillis: shiftBack(batch.lost.fromMillis, shift),
    toMillis: shiftBack(batch.lost.toMillis, shift),
  };
  const predictions = batch.predictions
    ?.filter(({ at }) => isKnown(at))
    .map(each => ({ ...each, at: each.at - shift }));
  const kept = { ...batch, groups, lost, ...(predictions && { predictions }) };
  return {
    offsetMillis,
    batch: kept,
    refused,
    untimed: untimedOf(batch, kept),
  };
}

function shiftBack(at: number | undefined, shift: number): number | undefined {
  return at === undefined ? undefined : at - shift;
}

type Timed = Pick<RecordBatch, 'groups' | 'predictions'>;

/** What was there before and is not any more. */
function untimedOf(before: Timed, after: Timed): Untimed {
  const untimed: Untimed = { compared: new Map(), predictions: new Map() };
  const add = (counts: Map<string, number>, key: string, count: number) =>
    counts.set(key, (counts.get(key) ?? 0) + count);
  for (const [batch, sign] of [
    [before, 1],
    [after, -1],
  ] as const) {
    for (const { comparison, units = [], copies } of batch.groups) {
      if (comparison !== undefined) {
        const counting = units.filter(unit => unit >= 0).length;
        add(untimed.compared, comparison, sign * counting);
      }
      if (copies) {
        add(untimed.compared, copies.comparison, sign * copies.at.length);
      }
    }
    for (const { model } of batch.predictions ?? []) {
      add(untimed.predictions, model, sign);
    }
  }
  for (const counts of [untimed.compared, untimed.predictions]) {
    for (const [key, count] of counts) if (count === 0) counts.delete(key);
  }
  return untimed;
}

function keepTimes(
  group: RecordGroup,
  isKnown: (at: number) => boolean,
  shift: number,
): RecordGroup {
  if (
    shift === 0 &&
    group.at.every(isKnown) &&
    group.samples.every(({ at }) => isKnown(at)) &&
    (group.copies?.at.every(isKnown) ?? true)
  ) {
    return group;
  }
  const column = <T>(values: T[]) =>
    values.filter((_value, index) => isKnown(group.at[index]));
  return {
    ...group,
    at: group.at.filter(isKnown).map(at => at - shift),
    latencyMicros: column(group.latencyMicros),
    status: column(group.status),
    rows: column(group.rows),
    ...(group.inputTokens && { inputTokens: column(group.inputTokens) }),
    ...(group.outputTokens && { outputTokens: column(group.outputTokens) }),
    ...(group.fallbacks && { fallbacks: column(group.fallbacks) }),
    ...(group.limited && { limited: column(group.limited) }),
    ...(group.units && { units: column(group.units) }),
    ...(group.copies && { copies: keepCopies(group.copies, isKnown, shift) }),
    samples: group.samples
      .filter(({ at }) => isKnown(at))
      .map(sample => ({ ...sample, at: sample.at - shift })),
  };
}

function keepCopies(
  copies: RecordCopies,
  isKnown: (at: number) => boolean,
  shift: number,
): RecordCopies {
  const column = (values: number[]) =>
    values.filter((_value, index) => isKnown(copies.at[index]));
  return {
    ...copies,
    at: column(copies.at).map(at => at - shift),
    units: column(copies.units),
    latencyMicros: column(copies.latencyMicros),
    status: column(copies.status),
    agrees: column(copies.agrees),
  };
}

function refusalOf(group: RecordGroup, reason: string): RefusedRecords {
  const { model, version, at, samples } = group;
  return {
    model,
    version,
    records: at.length,
    samples: samples.length,
    reason,
  };
}

const UNITS: [string, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** `3 days ahead`, in the largest unit that it fills. */
export function describeOffset(offsetMillis: number): string {
  const size = Math.abs(offsetMillis);
  const [unit, millis] =
    UNITS.find(([, length]) => size >= length) ?? UNITS[UNITS.length - 1];
  const count = Math.round(size / millis);
  return `${count} ${unit}${count === 1 ? '' : 's'} ${
    offsetMillis < 0 ? 'behind' : 'ahead'
  }`;
}
