/** What was counted of one unit for one measure. */
export interface UnitTally {
  /** Requests, copies or outcomes. */
  n: number;
  /** Of their values. */
  sum: number;
  /** Those of them that came with a covariate, and the sum of these. */
  covariates: number;
  covariateSum: number;
}

/** A tally as it is kept: its numbers in this order. */
export const TALLY_NUMBERS = 4;

export function emptyTally(): UnitTally {
  return { n: 0, sum: 0, covariates: 0, covariateSum: 0 };
}

/** Sums over units, of which means, ratios and their variances are made; sums of parts add up. */
export interface UnitSums {
  units: number;
  n: number;
  sum: number;
  nSquared: number;
  sumSquared: number;
  nTimesSum: number;
  /** Units with an event among theirs, and units with something else. */
  eventUnits: number;
  otherUnits: number;
  /** Values that are neither 0 nor 1. */
  otherValues: number;
  /** Of the units that have a covariate, x being its mean: how many, their n and sum, and the sums with x. */
  covariate: {
    units: number;
    n: number;
    sum: number;
    x: number;
    xSquared: number;
    xTimesN: number;
    xTimesSum: number;
  };
}

export function emptySums(): UnitSums {
  return {
    units: 0,
    n: 0,
    sum: 0,
    nSquared: 0,
    sumSquared: 0,
    nTimesSum: 0,
    eventUnits: 0,
    otherUnits: 0,
    otherValues: 0,
    covariate: {
      units: 0,
      n: 0,
      sum: 0,
      x: 0,
      xSquared: 0,
      xTimesN: 0,
      xTimesSum: 0,
    },
  };
}

/** Adds a unit in place, or takes it out again with a sign of -1. A unit without anything is none. */
export function addUnit(sums: UnitSums, tally: UnitTally, sign: 1 | -1 = 1) {
  const { n, sum } = tally;
  if (n === 0) return;
  sums.units += sign;
  sums.n += sign * n;
  sums.sum += sign * sum;
  sums.nSquared += sign * n * n;
  sums.sumSquared += sign * sum * sum;
  sums.nTimesSum += sign * n * sum;
  if (sum > 0) sums.eventUnits += sign;
  if (sum < n) sums.otherUnits += sign;
  if (tally.covariates === 0) return;
  const x = tally.covariateSum / tally.covariates;
  const { covariate } = sums;
  covariate.units += sign;
  covariate.n += sign * n;
  covariate.sum += sign * sum;
  covariate.x += sign * x;
  covariate.xSquared += sign * x * x;
  covariate.xTimesN += sign * x * n;
  covariate.xTimesSum += sign * x * sum;
}

const SUM_KEYS = [
  'units',
  'n',
  'sum',
  'nSquared',
  'sumSquared',
  'nTimesSum',
  'eventUnits',
  'otherUnits',
  'otherValues',
] as const;
const COVARIATE_KEYS = [
  'units',
  'n',
  'sum',
  'x',
  'xSquared',
  'xTimesN',
  'xTimesSum',
] as const;

/** Sums over the units of both, as a new object. */
export function addSums(a: UnitSums, b: UnitSums): UnitSums {
  const added = emptySums();
  for (const key of SUM_KEYS) added[key] = a[key] + b[key];
  for (const key of COVARIATE_KEYS) {
    added.covariate[key] = a.covariate[key] + b.covariate[key];
  }
  return added;
}

/** Sums of that many units of one value each, 0 or 1. */
export function independentSums(options: {
  units: number;
  events: number;
}): UnitSums {
  const { units, events } = options;
  return {
    ...emptySums(),
    units,
    n: units,
    sum: events,
    nSquared: units,
    sumSquared: events,
    nTimesSum: events,
    eventUnits: events,
    otherUnits: units - events,
  };
}
