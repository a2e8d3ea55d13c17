import {
  type BaselineProfile,
  compareProfiles,
  type FeatureProfile,
  type Profile,
} from '@greenroom/ml-kit';
import type {
  DriftResponse,
  DriftTimeline,
} from '@greenroom/plugin-ai-monitoring-common';
import { mergeOptionalProfiles, windowStart } from '../windows/window';
import type { ProfileWindow } from '../windows/WindowStore';

export interface TimeSpan {
  fromMillis: number;
  toMillis: number;
}

/** All sampled rows of some windows together. */
export function mergeWindowProfiles(
  windows: ProfileWindow[],
): Profile | undefined {
  return windows.reduce<Profile | undefined>(
    (merged, { profile }) => mergeOptionalProfiles(merged, profile),
    undefined,
  );
}

/** The live distribution against the frozen one, or why there is no comparison. */
export function toDriftResponse(options: {
  model: string;
  version: number;
  span: TimeSpan;
  baseline: BaselineProfile | undefined;
  windows: ProfileWindow[];
}): DriftResponse {
  const { model, version, span, baseline, windows } = options;
  const common = {
    model,
    version,
    from: new Date(span.fromMillis).toISOString(),
    to: new Date(span.toMillis).toISOString(),
  };
  if (!baseline) {
    return { ...common, rows: 0, reason: 'no-baseline', histograms: {} };
  }
  const current = mergeWindowProfiles(windows);
  if (!current) {
    return { ...common, rows: 0, reason: 'no-data', histograms: {} };
  }
  return {
    ...common,
    rows: current.rows,
    report: compareProfiles(baseline, current),
    histograms: Object.fromEntries(
      baseline.features.map((feature, index) => [
        feature.name,
        sideBySide(feature, current.features[index]),
      ]),
    ),
    prediction:
      baseline.prediction &&
      current.prediction &&
      sideBySide(baseline.prediction, current.prediction),
  };
}

function sideBySide(baseline: FeatureProfile, current: FeatureProfile) {
  return { baseline: baseline.histogram, current: current.histogram };
}

const MOST_BUCKETS = 48;
/** Lengths of a bucket that people read easily, in seconds: 1 min to 1 week. */
const BUCKET_SECONDS = [
  60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800,
];

/** Length of the buckets of a heat map, so that a range has at most 48 of them. */
export function chooseBucketSeconds(
  { fromMillis, toMillis }: TimeSpan,
  windows: { windowSeconds: number }[],
): number {
  const rangeSeconds = (toMillis - fromMillis) / 1_000;
  const coarsest = Math.max(0, ...windows.map(window => window.windowSeconds));
  return (
    BUCKET_SECONDS.find(
      seconds => seconds >= coarsest && rangeSeconds / seconds <= MOST_BUCKETS,
    ) ?? 604_800
  );
}

/** Drift of each feature in each bucket of the range; a bucket with too few rows says so. */
export function toDriftTimeline(options: {
  model: string;
  version: number;
  span: TimeSpan;
  baseline: BaselineProfile | undefined;
  windows: ProfileWindow[];
}): DriftTimeline {
  const { model, version, span, baseline, windows } = options;
  const bucketSeconds = chooseBucketSeconds(span, windows);
  const starts: number[] = [];
  for (
    let start = windowStart(span.fromMillis, bucketSeconds);
    start < span.toMillis;
    start += bucketSeconds * 1_000
  ) {
    starts.push(start);
  }
  const reports = starts.map(start => {
    const profile = mergeWindowProfiles(
      windows.filter(
        ({ startMillis }) => windowStart(startMillis, bucketSeconds) === start,
      ),
    );
    return baseline && profile && compareProfiles(baseline, profile);
  });
  return {
    model,
    version,
    at: starts.map(start => new Date(start).toISOString()),
    features: (baseline?.features ?? []).map(({ name }, index) => {
      const cells = reports.map(report => report?.features[index]);
      const enough = (cell: (typeof cells)[number]) =>
        cell && cell.status !== 'not-enough-data' ? cell : undefined;
      return {
        name,
        effect: cells.map(cell => enough(cell)?.effect ?? null),
        status: cells.map(cell => enough(cell)?.status ?? 'not-enough-data'),
      };
    }),
  };
}
