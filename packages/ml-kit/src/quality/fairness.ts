import { assertSameLength } from '../numerics/assertSameLength';
import { wilsonInterval } from './proportionInterval';
import { assertBinaryLabels } from './binaryRows';
import type { BinaryLabels } from './binaryRows';

/** Rates of one group. Absent where there are no such rows. */
export interface GroupRates {
  group: string;
  rows: number;
  /** Share predicted positive, with its 95 % interval. */
  selectionRate: number;
  selectionInterval: [number, number];
  /** Of the positive rows. */
  truePositiveRate?: number;
  /** Of the negative rows. */
  falsePositiveRate?: number;
  /** Of the rows predicted positive: how many are. */
  precision?: number;
}

/** Differences are largest minus smallest over the groups, 0 is equal. Absent with fewer than two groups that have the rate. */
export interface Fairness {
  groups: GroupRates[];
  /** Demographic parity. */
  selectionRateDifference?: number;
  /** Smallest selection rate over the largest: below 0.8 is the four-fifths rule's alarm. */
  disparateImpactRatio?: number;
  /** Equal opportunity. */
  truePositiveRateDifference?: number;
  /** Equalized odds: the larger one of the differences of both rates. */
  equalizedOddsDifference?: number;
  /** Predictive parity. */
  precisionDifference?: number;
}

function range(
  values: readonly (number | undefined)[],
): { low: number; high: number } | undefined {
  const present = values.filter((v): v is number => v !== undefined);
  return present.length < 2
    ? undefined
    : { low: Math.min(...present), high: Math.max(...present) };
}

/**
 * Whether a binary decision treats groups alike, by the usual definitions, which
 * cannot in general all hold at once (Chouldechova 2017). Groups by their text, sorted.
 * Throws InvalidArgumentError for labels and predictions that are not binary (cut scores at a threshold first). O(rows).
 */
export function fairnessOf(options: {
  labels: BinaryLabels;
  predictions: BinaryLabels;
  groups: readonly (string | number)[];
}): Fairness {
  const { labels, predictions, groups } = options;
  assertSameLength(
    'labels, predictions and groups',
    labels,
    predictions,
    groups,
  );
  assertBinaryLabels('label', labels);
  assertBinaryLabels('prediction', predictions);
  const names = [...new Set(groups.map(String))].sort();
  const rates = names.map((group): GroupRates => {
    const rows = groups.flatMap((name, i) =>
      String(name) === group ? [i] : [],
    );
    const count = (of: (i: number) => unknown) => rows.filter(of).length;
    const selected = count(i => predictions[i]);
    const positives = count(i => labels[i]);
    const truePositives = count(i => labels[i] && predictions[i]);
    const negatives = rows.length - positives;
    return {
      group,
      rows: rows.length,
      selectionRate: selected / rows.length,
      selectionInterval: wilsonInterval(selected, rows.length),
      ...(positives > 0 && { truePositiveRate: truePositives / positives }),
      ...(negatives > 0 && {
        falsePositiveRate: (selected - truePositives) / negatives,
      }),
      ...(selected > 0 && { precision: truePositives / selected }),
    };
  });
  const selection = range(rates.map(rate => rate.selectionRate));
  const truePositive = range(rates.map(rate => rate.truePositiveRate));
  const falsePositive = range(rates.map(rate => rate.falsePositiveRate));
  const precision = range(rates.map(rate => rate.precision));
  const width = ({ low, high }: { low: number; high: number }) => high - low;
  return {
    groups: rates,
    ...(selection && { selectionRateDifference: width(selection) }),
    ...(selection &&
      selection.high > 0 && {
        disparateImpactRatio: selection.low / selection.high,
      }),
    ...(truePositive && { truePositiveRateDifference: width(truePositive) }),
    ...(truePositive &&
      falsePositive && {
        equalizedOddsDifference: Math.max(
          width(truePositive),
          width(falsePositive),
        ),
      }),
    ...(precision && { precisionDifference: width(precision) }),
  };
}
