import { addToDdSketch, ddSketchQuantile } from '@greenroom/ml-kit';
import { plannedMetrics, treatmentsOf } from './comparedPlan';
import {
  type ComparedArm,
  type ComparedState,
  emptyArm,
  UNIT_LIMIT,
} from './comparedState';
import { measureRule } from './measures';
import type { ComparedRequest } from './measures/measure';
import {
  addUnit,
  emptySums,
  emptyTally,
  type UnitSums,
  type UnitTally,
} from './unitSums';

/** Fewer requests of the control do not tell its quantiles. */
export const LEAST_FOR_THRESHOLD = 200;

/** A request or copy with whose it is. */
export type CountedRequest = Omit<ComparedRequest, 'thresholdMicros'> & {
  version: number;
  /** As records have it; below 0 it is not counted. */
  unit: number;
};

/** An outcome that was joined with its request. */
export interface CountedOutcome {
  version: number;
  unit: number;
  name: string;
  value: number;
  covariate?: number;
}

/** What a batch adds to one comparison. */
export interface ComparisonAddition {
  requests: CountedRequest[];
  outcomes: CountedOutcome[];
  copiesLeftOut: number;
  /** Records that were refused before. */
  uncounted: number;
}

export function emptyAddition(): ComparisonAddition {
  return { requests: [], outcomes: [], copiesLeftOut: 0, uncounted: 0 };
}

/** What is added to units, by version, hash and key of what is measured. */
export type UnitAdditions = Map<number, Map<number, Map<string, UnitTally>>>;

class Counting {
  readonly units: UnitAdditions = new Map();
  readonly #state: ComparedState;
  readonly #versions: Set<number>;
  readonly #measured: {
    key: string;
    valueOfRequest: (request: ComparedRequest) => number | undefined;
  }[];
  readonly #outcomes: Set<string>;

  constructor(state: ComparedState) {
    this.#state = state;
    const { comparison } = state;
    this.#versions = new Set([comparison.control, ...treatmentsOf(comparison)]);
    const planned = new Map(
      plannedMetrics(comparison).map(each => [each.key, each]),
    );
    this.#measured = [...planned.values()].flatMap(({ key, measure }) => {
      const { valueOfRequest } = measureRule(measure);
      return valueOfRequest ? [{ key, valueOfRequest }] : [];
    });
    this.#outcomes = new Set(planned.keys());
  }

  addRequest(request: CountedRequest): void {
    const { version, unit } = request;
    if (unit < 0) return;
    if (!this.#versions.has(version)) {
      this.#state.uncounted += 1;
      return;
    }
    if (unit >= this.#state.unitLimit) return;
    const arm = armOf(this.#state, version);
    arm.requests += 1;
    addToDdSketch(arm.latencyMicros, request.latencyMicros);
    if (unit === 0) arm.unitsWithoutId += 1;
    else this.#touch(version, unit);
    for (const { key, valueOfRequest } of this.#measured) {
      const thresholdMicros = this.#state.thresholdsMicros[key];
      const value = valueOfRequest({ ...request, thresholdMicros });
      if (value !== undefined) this.#add(arm, unit, key, value);
    }
  }

  addOutcome({ version, unit, name, value, covariate }: CountedOutcome): void {
    if (unit < 0) return;
    if (!this.#versions.has(version)) {
      this.#state.uncounted += 1;
      return;
    }
    const key = `outcome/${name}`;
    if (unit >= this.#state.unitLimit || !this.#outcomes.has(key)) return;
    this.#add(armOf(this.#state, version), unit, key, value, covariate);
  }

  #add(
    arm: ComparedArm,
    unit: number,
    key: string,
    value: number,
    covariate?: number,
  ): void {
    if (value !== 0 && value !== 1) {
      sumsIn(unit === 0 ? arm.withoutId : arm.withId, key).otherValues += 1;
    }
    const tally =
      unit === 0 ? emptyTally() : tallyIn(this.#touch(arm.version, unit), key);
    tally.n += 1;
    tally.sum += value;
    if (covariate !== undefined) {
      tally.covariates += 1;
      tally.covariateSum += covariate;
    }
    // A request without an assignment id is a unit by itself.
    if (unit === 0) addUnit(sumsIn(arm.withoutId, key), tally);
  }

  #touch(version: number, unit: number): Map<string, UnitTally> {
    const units = entryIn(this.units, version, () => new Map());
    return entryIn(units, unit, () => new Map<string, UnitTally>());
  }
}

/**
 * Counts an addition into a state, in place: what needs no unit at once.
 *
 * @returns what is to be added to units
 */
export function countAddition(
  state: ComparedState,
  addition: ComparisonAddition,
): UnitAdditions {
  const counting = new Counting(state);
  for (const request of addition.requests) counting.addRequest(request);
  for (const outcome of addition.outcomes) counting.addOutcome(outcome);
  state.copiesLeftOut += addition.copiesLeftOut;
  state.uncounted += addition.uncounted;
  setThresholds(state);
  return counting.units;
}

/** A unit with all that is known of it. */
export interface CountedUnit {
  version: number;
  unit: number;
  tallies: Map<string, UnitTally>;
}

/**
 * Adds to units, and to the state's sums over them.
 *
 * @param known - what was known of those that there were before, by version and hash
 * @returns the units as they are now, by version and hash
 */
export function addToUnits(
  state: ComparedState,
  additions: UnitAdditions,
  known: (version: number, unit: number) => Map<string, UnitTally> | undefined,
): CountedUnit[] {
  const counted: CountedUnit[] = [];
  for (const [version, units] of additions) {
    const arm = armOf(state, version);
    for (const [unit, added] of units) {
      const before = known(version, unit);
      const tallies = new Map(before);
      for (const [key, tally] of added) {
        tallies.set(key, addTallies(tallies.get(key) ?? emptyTally(), tally));
      }
      putUnit(arm, { before, after: tallies });
      counted.push({ version, unit, tallies });
    }
  }
  return counted.sort((a, b) => a.version - b.version || a.unit - b.unit);
}

/** Puts the new tallies of a unit in place of the old ones. */
function putUnit(
  arm: ComparedArm,
  {
    before,
    after,
  }: { before?: Map<string, UnitTally>; after: Map<string, UnitTally> },
): void {
  if (!before) arm.unitsWithId += 1;
  for (const [key, tally] of after) {
    const sums = sumsIn(arm.withId, key);
    const old = before?.get(key);
    if (old) addUnit(sums, old, -1);
    addUnit(sums, tally);
  }
}

function addTallies(a: UnitTally, b: UnitTally): UnitTally {
  return {
    n: a.n + b.n,
    sum: a.sum + b.sum,
    covariates: a.covariates + b.covariates,
    covariateSum: a.covariateSum + b.covariateSum,
  };
}

/**
 * Sums anew over the units that are kept when only callers with hashes below the limit are counted
 * from now on. The hash says nothing of what a caller meets: what is left is a fair sample.
 */
export function sampleUnits(
  state: ComparedState,
  left: Iterable<Pick<CountedUnit, 'version' | 'tallies'>>,
): void {
  for (const arm of state.arms) {
    arm.unitsWithId = 0;
    for (const [key, { otherValues }] of Object.entries(arm.withId)) {
      arm.withId[key] = { ...emptySums(), otherValues };
    }
  }
  for (const { version, tallies } of left) {
    putUnit(armOf(state, version), { after: tallies });
  }
}

/** The limit after which half of the callers are counted. */
export function halved(unitLimit: number): number {
  return Math.max(2, Math.floor(Math.min(unitLimit, UNIT_LIMIT) / 2));
}

/** The control's quantile by its first requests, where nothing was known before; these do not count for the latency. */
function setThresholds(state: ComparedState): void {
  const control = state.arms.find(
    ({ version }) => version === state.comparison.control,
  );
  if (!control || control.latencyMicros.count < LEAST_FOR_THRESHOLD) return;
  setThresholdsBy(state, control.latencyMicros);
}

/** Whether something that is measured waits for requests of the control that say what is slow. */
export function lacksThresholds(
  state: Pick<ComparedState, 'comparison' | 'thresholdsMicros'>,
): boolean {
  return plannedMetrics(state.comparison).some(
    ({ key, measure, margin }) =>
      measureRule(measure).threshold?.(measure, margin) !== undefined &&
      state.thresholdsMicros[key] === undefined,
  );
}

/** Those that are not set yet. */
export function setThresholdsBy(
  state: Pick<ComparedState, 'comparison' | 'thresholdsMicros'>,
  sketch: ComparedArm['latencyMicros'],
): void {
  for (const { key, measure, margin } of plannedMetrics(state.comparison)) {
    const threshold = measureRule(measure).threshold?.(measure, margin);
    if (!threshold || state.thresholdsMicros[key] !== undefined) continue;
    const quantile = ddSketchQuantile(sketch, threshold.quantile);
    if (quantile === undefined) continue;
    state.thresholdsMicros[key] = quantile + threshold.plusMicros;
  }
}

export function armOf(state: ComparedState, version: number): ComparedArm {
  let arm = state.arms.find(each => each.version === version);
  if (!arm) {
    arm = emptyArm(version);
    state.arms.push(arm);
  }
  return arm;
}

function sumsIn(sums: Record<string, UnitSums>, key: string): UnitSums {
  sums[key] ??= emptySums();
  return sums[key];
}

function tallyIn(tallies: Map<string, UnitTally>, key: string): UnitTally {
  return entryIn(tallies, key, emptyTally);
}

function entryIn<Key, Value>(
  map: Map<Key, Value>,
  key: Key,
  make: () => Value,
): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
