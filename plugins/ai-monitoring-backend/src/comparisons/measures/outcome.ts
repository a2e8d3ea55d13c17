import { type ArmStatistic, covarianceOf } from '@greenroom/ml-kit';
import { unitRatio } from '../effectiveCounts';
import type { UnitSums } from '../unitSums';
import { judgeMeans, ratiosOf } from './means';
import type { ComparedArms, MeasureRule } from './measure';
import { judgeShares, sharePosterior } from './shares';

/** The mean of what callers report: of an event or a label a share, else of numbers in their unit. */
export const outcome: MeasureRule<'outcome'> = {
  keyOf: ({ outcome: name }) => `outcome/${name}`,
  judge(arms, planned) {
    const adjusted = withoutForeseeable(arms);
    if (adjusted) return judgeMeans(adjusted, planned, { isAdjusted: true });
    return isShare(arms)
      ? judgeShares(arms, planned)
      : judgeMeans(ratiosOf(arms), planned);
  },
  posteriorOf(sums) {
    if (sums.otherValues === 0) return sharePosterior(sums);
    const { n, mean, variance } = unitRatio(sums);
    return n > 1 && variance > 0
      ? { kind: 'normal', mean, standardError: Math.sqrt(variance / n) }
      : undefined;
  },
  format: value => String(Number(value.toPrecision(4))),
  noun: 'mean of the outcome',
};

function isShare({ control, treatment }: ComparedArms): boolean {
  return control.otherValues === 0 && treatment.otherValues === 0;
}

/**
 * The means with what was known of callers beforehand taken out (CUPED), for a mean that is a ratio
 * over units by its linear part. A unit without a covariate counts with the mean one, which
 * changes nothing of it.
 *
 * @returns undefined without covariates in both arms
 */
function withoutForeseeable(
  arms: ComparedArms,
): { control: ArmStatistic; treatment: ArmStatistic } | undefined {
  const both = [arms.control, arms.treatment];
  if (both.some(({ covariate }) => covariate.units < 2)) return undefined;
  const parts = both.map(linearPart);
  const units = parts.reduce((all, part) => all + part.units, 0);
  const mean = parts.reduce((all, part) => all + part.x, 0) / units;
  const variance =
    parts.reduce((all, part) => all + part.xSquared, 0) / units - mean ** 2;
  const covariance = parts.reduce((all, part) => all + part.covariance, 0);
  const weight = parts.reduce((all, part) => all + part.units - 1, 0);
  if (!(variance > 1e-12 * mean ** 2)) return undefined;
  const slope = covariance / weight / variance;
  const [control, treatment] = both.map((sums, index): ArmStatistic => {
    const ratio = unitRatio(sums);
    const part = parts[index];
    // Of those with a covariate; the others have the mean one, so nothing to take out.
    const share = part.units / sums.units;
    const own = part.x / part.units;
    const spread = part.xSquared / part.units - own ** 2;
    const together = part.covariance / (part.units - 1);
    return {
      ...ratio,
      mean: ratio.mean - slope * share * (own - mean),
      variance: Math.max(
        0,
        ratio.variance + share * (slope ** 2 * spread - 2 * slope * together),
      ),
    };
  });
  return { control, treatment };
}

/** Of the units with a covariate: what a unit adds to the ratio, with its covariate. */
function linearPart({ n, sum, units: all, covariate }: UnitSums) {
  const { units, x, xSquared, xTimesN, xTimesSum } = covariate;
  const ratio = sum / n;
  const perUnit = n / all;
  const partSum = (covariate.sum - ratio * covariate.n) / perUnit;
  const product = (xTimesSum - ratio * xTimesN) / perUnit;
  return {
    units,
    x,
    xSquared,
    covariance:
      covarianceOf({
        n: units,
        sumX: x,
        sumY: partSum,
        sumOfProducts: product,
      }) *
      (units - 1),
  };
}
