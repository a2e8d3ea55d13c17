import type { Measure } from '@greenroom/plugin-ai-registry-common';
import { agreement } from './agreement';
import { errorRate } from './errorRate';
import { latency } from './latency';
import type { MeasureRule } from './measure';
import { outcome } from './outcome';

/** Everything that can be measured: another one is a file like its neighbours, and a line here. */
const RULES: { [Kind in Measure['kind']]: MeasureRule<Kind> } = {
  'error-rate': errorRate,
  latency,
  outcome,
  agreement,
};

export function measureRule(measure: Measure): MeasureRule {
  return RULES[measure.kind] as MeasureRule;
}
