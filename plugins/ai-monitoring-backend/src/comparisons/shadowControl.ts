import { createDdSketch, mergeDdSketches } from '@greenroom/ml-kit';
import type { TrafficWindow } from '../windows/WindowStore';
import { type ComparedState, emptyArm } from './comparedState';
import { shareAbove } from './shareAbove';
import { independentSums } from './unitSums';

/**
 * A shadow's control is the version that answers: all its requests since the start, of which copies
 * are a sample. They are told of without callers, so each counts by itself.
 */
export function withShadowControl(
  state: ComparedState,
  windows: TrafficWindow[],
): ComparedState {
  const { control } = state.comparison;
  let latencyMicros = createDdSketch();
  let requests = 0;
  let failures = 0;
  for (const window of windows) {
    requests += window.requests - window.limited;
    failures += window.serverErrors;
    latencyMicros = mergeDdSketches(latencyMicros, window.latencyMicros);
  }
  const slow = Object.entries(state.thresholdsMicros).map(([key, bound]) => {
    const units = latencyMicros.count;
    const events = Math.round(shareAbove(latencyMicros, bound) * units);
    return [key, independentSums({ units, events })];
  });
  const arm = {
    ...emptyArm(control),
    requests,
    unitsWithoutId: requests,
    latencyMicros,
    withoutId: {
      'error-rate': independentSums({ units: requests, events: failures }),
      ...Object.fromEntries(slow),
    },
  };
  const others = state.arms.filter(({ version }) => version !== control);
  return { ...state, arms: [arm, ...others] };
}
