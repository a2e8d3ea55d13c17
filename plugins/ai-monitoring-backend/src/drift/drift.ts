import {
  type BaselineProfile,
  compareProfiles,
  type DriftReport,
  type FeatureProfile,
  mergeProfiles,
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

/** Windows in the order of their starts, read as they are needed. */
export type ProfileWindows =
  | Iterable<ProfileWindow>
  | AsyncIterable<ProfileWindow>;

/** All sampled rows of some windows together. */
export async function mergeWindowProfiles(
  windows: ProfileWindows,
): Promise<Profile | undefined> {
  let merged: Profile | undefined;
  for await (const { profile } of windows) {
    merged = mergeOptionalProfiles(merged, profile);
  }
  return merged;
}

/** The live distribution against the frozen one, or why there is no comparison. */
export async function toDriftResponse(options: {
  model: string;
  version: number;
  span: TimeSpan;
  baseline: BaselineProfile | undefined;
  /** What of the input nobody watches, in words. */
  uncovered?: string[];
  windows: ProfileWindows;
}): Promise<DriftResponse> {
  const { model, version, span, baseline, windows } = options;
  const common = {
    model,
    version,
    unwatched: options.uncovered ?? [],
    from: new Date(span.fromMillis).toISOString(),
    to: new Date(span.toMillis).toISOString(),
  };
  if (!baseline) {
    return { ...common, rows: 0, reason: 'no-baseline', histograms: {} };
  }
  const current = await mergeWindowProfiles(windows);
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

/** Length of the buckets of a heat map, so that a range has about 48 of them at most. */
export function chooseBucketSeconds(
  { fromMillis, toMillis }: TimeSpan,
  coarsestSeconds: number,
): number {
  const rangeSeconds = (toMillis - fromMillis) / 1_000;
  return (
    BUCKET_SECONDS.find(
      seconds =>
        seconds >= coarsestSeconds && rangeSeconds / seconds <= MOST_BUCKETS,
    ) ?? 604_800
  );
}

/**
 * Drift of each feature in each bucket of the range; a bucket with too few rows says so.
 * Only one bucket's profile is in memory at a time.
 */
export async function toDriftTimeline(options: {
  model: string;
  version: number;
  span: TimeSpan;
  baseline: BaselineProfile | undefined;
  /** Length of the longest of the windows. */
  coarsestSeconds: number;
  windows: ProfileWindows;
}): Promise<DriftTimeline> {
  const { model, version, span, baseline, windows } = options;
  const bucketSeconds = chooseBucketSeconds(span, options.coarsestSeconds);
  const reports = baseline
    ? await compareBuckets(baseline, windows, bucketSeconds)
    : new Map<number, DriftReport>();
  const starts: number[] = [];
  for (
    let start = windowStart(span.fromMillis, bucketSeconds);
    start < span.toMillis;
    start += bucketSeconds * 1_000
  ) {
    starts.push(start);
  }
  return {
    model,
    version,
    at: starts.map(start => new Date(start).toISOString()),
    features: (baseline?.features ?? []).map(({ name }, index) => {
      const cells = starts.map(start => reports.get(start)?.features[index]);
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

async function compareBuckets(
  baseline: BaselineProfile,
  windows: ProfileWindows,
  bucketSeconds: number,
): Promise<Map<number, DriftReport>> {
  const reports = new Map<number, DriftReport>();
  let bucket: { start: number; profile: Profile } | undefined;
  const close = () => {
    if (bucket) {
      reports.set(bucket.start, compareProfiles(baseline, bucket.profile));
    }
  };
  for await (const { startMillis, profile } of windows) {
    const start = windowStart(startMillis, bucketSeconds);
    if (bucket?.start === start) {
      bucket.profile = mergeProfiles(bucket.profile, profile);
    } else {
      close();
      bucket = { start, profile };
    }
  }
  close();
  return reports;
}
