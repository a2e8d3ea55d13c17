import type { ComparedMetric } from '@greenroom/plugin-ai-monitoring-common';
import type { PlannedMetric } from './comparedPlan';
import { measureRule } from './measures';

type Judged = Omit<ComparedMetric, 'summary'>;

/** What a metric says, in a sentence with its numbers. */
export function summaryOf(
  metric: Judged,
  { role }: Pick<PlannedMetric, 'role'>,
  control: number,
): string {
  const { version, name } = metric;
  if (metric.measure.kind === 'agreement' && metric.margin >= 1) {
    // Any share is within the margin: it is shown, and decides nothing.
    return `${name}: ${agreementOf(metric)}`;
  }
  const numbers = numbersOf(metric, control);
  switch (metric.status) {
    case 'not-enough-data':
      return `${name}: too little is known of version ${version} or version ${control}${numbers}`;
    case 'worse':
      return role === 'guardrail'
        ? `${name} is broken: version ${version} is worse than version ${control} by more than ${marginOf(
            metric,
          )}${numbers}`
        : `${name}: version ${version} is worse than version ${control} by more than ${marginOf(
            metric,
          )}, for sure${numbers}`;
    case 'better':
      return `${name}: version ${version} is better than version ${control}, for sure${numbers}`;
    case 'not-worse':
      return `${name}: version ${version} is not worse than version ${control} by more than ${marginOf(
        metric,
      )}, for sure${numbers}`;
    default:
      return `${name}: nothing can be said for sure yet of version ${version}${numbers}`;
  }
}

/** A latency's margin is a time, whatever its numbers are. */
export function marginOf({
  measure,
  margin,
}: Pick<ComparedMetric, 'measure' | 'margin'>): string {
  return measure.kind === 'latency'
    ? `${margin} ms`
    : measureRule(measure).format(margin);
}

/** The control agrees with itself: what it is compared with says nothing. */
function agreementOf({
  measure,
  treatment,
  interval,
}: Pick<Judged, 'measure' | 'treatment' | 'interval'>): string {
  const { format } = measureRule(measure);
  if (treatment === undefined) return 'no copy has been compared yet';
  const ends = [
    interval?.lower === undefined
      ? undefined
      : `at least ${format(1 + interval.lower)}`,
    interval?.upper === undefined
      ? undefined
      : `at most ${format(1 + interval.upper)}`,
  ].filter(end => end !== undefined);
  const sure = ends.length > 0 ? `, ${ends.join(' and ')} for sure` : '';
  return `${format(treatment)} of the copies are answered alike${sure}`;
}

function numbersOf(
  {
    measure,
    control,
    treatment,
    interval,
    thresholdMillis,
    isAdjusted,
  }: Judged,
  controlVersion: number,
): string {
  const { format, noun } = measureRule(measure);
  if (measure.kind === 'agreement') {
    return `: ${agreementOf({ measure, treatment, interval })}`;
  }
  if (treatment === undefined || control === undefined) return '';
  const slower =
    thresholdMillis === undefined
      ? ''
      : ` (slower than ${Number(thresholdMillis.toPrecision(3))} ms)`;
  const ends = [
    interval?.lower === undefined
      ? undefined
      : `at least ${format(interval.lower)}`,
    interval?.upper === undefined
      ? undefined
      : `at most ${format(interval.upper)}`,
  ].filter(end => end !== undefined);
  const difference =
    ends.length > 0 ? `; the difference is ${ends.join(' and ')}` : '';
  return `: ${noun}${slower} ${format(treatment)} against ${format(
    control,
  )} of version ${controlVersion}${difference}${
    isAdjusted ? ', with what was known of callers beforehand taken out' : ''
  }`;
}
