import type { DriftReport, DriftStatus, FeatureDrift } from '@greenroom/ml-kit';
import type { DriftTimeline } from '@greenroom/plugin-ai-monitoring-common';

const SEVERITY: Record<DriftStatus, number> = {
  alert: 0,
  warning: 1,
  ok: 2,
  'not-enough-data': 3,
};

/** The features that changed most first; by verdict, then by size of the change. */
export function rankFeatures(report: DriftReport): FeatureDrift[] {
  return [...report.features].sort(
    (a, b) =>
      SEVERITY[a.status] - SEVERITY[b.status] ||
      b.effect - a.effect ||
      a.name.localeCompare(b.name),
  );
}

/** Rows of the heat map in the order of their largest effect in the range. */
export function rankTimeline(
  timeline: DriftTimeline,
): DriftTimeline['features'] {
  const largest = (feature: DriftTimeline['features'][number]) =>
    feature.effect.reduce<number>(
      (max, effect) => Math.max(max, effect ?? -Infinity),
      -Infinity,
    );
  return [...timeline.features].sort(
    (a, b) => largest(b) - largest(a) || a.name.localeCompare(b.name),
  );
}

/** How strongly an effect is coloured, 0 to 1; full at twice the size that counts as large. */
export function heat(effect: number, effectThreshold: number): number {
  return Math.min(1, Math.max(0, effect / (2 * effectThreshold)));
}

/** A probability as people read it. */
export function formatPValue(value: number): string {
  return value < 0.001 ? '< 0.001' : value.toFixed(3);
}
