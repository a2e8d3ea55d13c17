import {
  type ArmStatistic,
  type EventCounts,
  ratioStatistic,
} from '@greenroom/ml-kit';
import type { UnitSums } from './unitSums';

/**
 * So many units with an event are needed before their own spread counts as much as the worst that
 * it could be. Fewer tell little of whether events come together.
 */
const UNITS_OF_DOUBT = 10;

/** The ratio of the sums over units, whose requests need not be independent of each other. */
export function unitRatio(sums: UnitSums): ArmStatistic {
  return ratioStatistic({
    numerator: {
      n: sums.units,
      sum: sums.sum,
      sumOfSquares: sums.sumSquared,
    },
    denominator: { n: sums.units, sum: sums.n, sumOfSquares: sums.nSquared },
    sumOfProducts: sums.nTimesSum,
  });
}

/**
 * As how many independent requests those of an arm count. With one request a unit that is their
 * number. Where a unit has several they may succeed and fail together: between 1 (as if each was a
 * unit) and the worst, in which all of a unit do the same, lies what the spread between units
 * says; with few events it says nothing, and the worst is taken.
 */
export function effectiveCounts(sums: UnitSums): EventCounts {
  const { n, sum, nSquared, units } = sums;
  if (n === 0) return { events: 0, n: 0 };
  const worst = nSquared / n;
  if (worst <= 1) return { events: sum, n };
  const share = sum / n;
  const independent = (share * (1 - share)) / n;
  const clustered = units > 1 ? unitRatio(sums).variance / units : NaN;
  const observed = clustered / independent;
  const known = Number.isFinite(observed) ? Math.max(1, observed) : worst;
  const telling = Math.min(sums.eventUnits, sums.otherUnits);
  const trust = telling / (telling + UNITS_OF_DOUBT);
  const design = Math.max(1, known ** trust * worst ** (1 - trust));
  return { events: sum / design, n: n / design };
}
