import {
  normalQuantile,
  RARE_SHARE,
  sequentialProportionEvidence,
  sequentialShareEvidence,
  sequentialTest,
} from '@greenroom/ml-kit';
import type { ComparisonExpectation } from '@greenroom/plugin-ai-monitoring-common';
import {
  type PlannedMetric,
  plannedMetrics,
  treatmentsOf,
} from './comparedPlan';
import { type ComparedState, emptyArm, sumsOf } from './comparedState';
import { unitRatio } from './effectiveCounts';
import { slowShareOf } from './measures/latency';
import { shareAbove } from './shareAbove';
import { marginOf } from './summary';

/** A bad version of which it is said when it would be seen: 5 % of errors, and 100 ms. */
const BAD_ERROR_RATE = 0.05;
const BAD_LATENCY_MICROS = 100_000;
/** Of bad versions that are seen within the number of requests that is named. */
const GUARDRAIL_POWER = 0.95;
/** More are not waited for. */
const MOST_UNITS = 1e9;
/** What is counted of fewer tells nothing of how values vary. */
const LEAST_UNITS = 30;

interface Scene {
  planned: PlannedMetric;
  state: ComparedState;
  version: number;
  /** Units of the control for each of the version. */
  ratio: number;
  /** Requests a second of the version, as in the last hour; 0 without traffic. */
  rate: number;
}

/** What is planned, with the level that is really left for each: the numbers of callers who send one request each. */
export function expectationsOf(state: ComparedState): ComparisonExpectation[] {
  const { comparison, knownBefore } = state;
  const shareOf = (version: number) =>
    comparison.variants.find(each => each.version === version)?.sharePercent ??
    0;
  return plannedMetrics(comparison).flatMap(planned =>
    treatmentsOf(comparison).map(version => {
      const share = shareOf(version);
      const isShared = !comparison.isShadow && share > 0;
      return expectationOf({
        planned,
        state,
        version,
        ratio: isShared ? shareOf(comparison.control) / share : 1,
        rate: isShared
          ? (knownBefore.requestsInLastHour / 3_600) * (share / 100)
          : 0,
      });
    }),
  );
}

function expectationOf(scene: Scene): ComparisonExpectation {
  const { planned, version, rate } = scene;
  const { sentence, units } = foundOf(scene);
  return {
    name: planned.name,
    sentence: `Version ${version}: ${sentence}`,
    ...(units !== undefined && {
      units,
      ...(rate > 0 && { seconds: Math.ceil(units / rate) }),
    }),
  };
}

type Found = Pick<ComparisonExpectation, 'sentence' | 'units'>;

function foundOf(scene: Scene): Found {
  const { planned } = scene;
  if (planned.role === 'metric') return ofMetric(scene);
  if (planned.measure.kind === 'error-rate') return ofErrors(scene);
  if (planned.measure.kind === 'latency') return ofLatency(scene);
  return {
    sentence: `taken back when it is worse by more than ${marginOf(
      planned,
    )} for sure`,
  };
}

function ofErrors({ planned, state, ratio }: Scene): Found {
  const { requests, failures } = state.knownBefore;
  const share = requests > 0 ? failures / requests : 0;
  if (share + planned.margin >= BAD_ERROR_RATE) {
    return {
      sentence: `5 % of errors are within the margin, as version ${
        state.comparison.control
      } has ${(share * 100).toFixed(1)} %`,
    };
  }
  const units = unitsForShares({
    ...planned,
    ratio,
    shares: { control: share, treatment: BAD_ERROR_RATE },
  });
  return { sentence: `5 % of errors are ${seenWithin(units)}`, units };
}

function ofLatency({ planned, state, ratio }: Scene): Found {
  const sketch = state.knownBefore.latencyMicros;
  const threshold = state.thresholdsMicros[planned.key];
  if (!sketch || threshold === undefined) {
    return {
      sentence: `when 100 ms more are seen is known after 200 requests of version ${state.comparison.control}`,
    };
  }
  const slow = slowShareOf(planned.measure);
  const shares = {
    control: Math.min(slow, shareAbove(sketch, threshold)),
    treatment: shareAbove(sketch, threshold - BAD_LATENCY_MICROS),
  };
  if (shares.treatment <= slow) {
    return {
      sentence: `100 ms more are within the margin of ${marginOf(planned)}`,
    };
  }
  const units = unitsForShares({
    ...planned,
    margin: 0,
    ratio,
    shares,
    least: slow,
  });
  return { sentence: `100 ms more are ${seenWithin(units)}`, units };
}

function seenWithin(units: number | undefined): string {
  return units === undefined
    ? `not seen within ${MOST_UNITS} requests`
    : `taken back within ${units} of its requests in ${
        GUARDRAIL_POWER * 100
      } of 100 cases, if each caller sends one: it takes more where callers send many`;
}

interface ShareScene {
  alpha: number;
  margin: number;
  ratio: number;
  shares: { control: number; treatment: number };
  /** A share that the treatment's has to be above as well. */
  least?: number;
}

/** Requests of the version until the real test has decided with the power, when the treatment's events are as few as that lets. */
function unitsForShares(scene: ShareScene): number | undefined {
  const { alpha, margin, ratio, shares, least } = scene;
  const bound = -Math.log(alpha);
  return firstUnits(n => {
    const p = shares.treatment;
    const few =
      n * p - normalQuantile(GUARDRAIL_POWER) * Math.sqrt(n * p * (1 - p));
    const treatment = { events: Math.max(0, few), n };
    const control = { events: n * ratio * shares.control, n: n * ratio };
    const isAbove =
      least === undefined ||
      sequentialShareEvidence(treatment, {
        hypothesis: 'at-most',
        share: least,
        prior: RARE_SHARE,
      }) >= bound;
    return (
      isAbove &&
      sequentialProportionEvidence(control, treatment, {
        hypothesis: 'at-most',
        difference: Math.min(margin, 1 - 1e-9),
        prior: RARE_SHARE,
      }) >= bound
    );
  });
}

/** Units of the version until a difference as large as the margin is seen with the power of the plan, as values vary so far. */
function ofMetric({ planned, state, ratio }: Scene): Found {
  const { alpha, margin, power = 0.8, key } = planned;
  const control =
    state.arms.find(({ version }) => version === state.comparison.control) ??
    emptyArm(state.comparison.control);
  const arm = unitRatio(sumsOf(control, key));
  const what = `a difference of ${marginOf(planned)} is seen`;
  const reserve = `with a chance of ${Math.round(power * 100)} %`;
  if (arm.n < LEAST_UNITS || !(arm.variance > 0) || margin === 0) {
    return {
      sentence:
        margin === 0
          ? 'with a margin of 0 any number of callers may be needed'
          : `when ${what} is known when version ${state.comparison.control} has ${LEAST_UNITS} callers with different values`,
    };
  }
  const units = firstUnits(n => {
    const arms = [ratio * n, n].map((count, index) => ({
      n: count,
      mean: index * margin,
      variance: arm.variance,
    }));
    const test = sequentialTest(arms[0], arms[1], { alpha, kind: 'absolute' });
    return (
      test.status === 'ok' &&
      test.interval[0] > normalQuantile(power) * test.standardError
    );
  });
  return units === undefined
    ? { sentence: `${what} with no number of callers up to ${MOST_UNITS}` }
    : { sentence: `${what} with ${units} of its callers, ${reserve}`, units };
}

/** The least number from which on it holds; undefined above {@link MOST_UNITS}. */
function firstUnits(holds: (units: number) => boolean): number | undefined {
  let high = 1;
  while (!holds(high)) {
    high *= 2;
    if (high > MOST_UNITS) return undefined;
  }
  let low = high / 2;
  while (high - low > Math.max(1, low / 200)) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
