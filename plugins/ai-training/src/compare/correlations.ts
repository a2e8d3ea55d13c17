import type { Run } from '@greenroom/plugin-ai-training-common';
import { type Field, fieldsOf, valueOf } from '../runs/fields';
import { type RankCorrelation, spearman } from './spearman';

export interface ParamCorrelation extends RankCorrelation {
  param: string;
}

/** Parameters that are numbers, by how strongly a metric goes with them, and those of which that cannot be said. */
export function correlationsWith(
  runs: readonly Run[],
  metric: Field,
): { correlations: ParamCorrelation[]; left: string[] } {
  const correlations: ParamCorrelation[] = [];
  const left: string[] = [];
  for (const field of fieldsOf(runs)) {
    if (field.kind !== 'params') continue;
    const pairs = runs.flatMap((run): [number, number][] => {
      const [x, y] = [valueOf(run, field), valueOf(run, metric)];
      return typeof x === 'number' && typeof y === 'number' ? [[x, y]] : [];
    });
    const found = spearman(pairs);
    if (found) correlations.push({ param: field.key, ...found });
    else left.push(field.key);
  }
  correlations.sort((a, b) => Math.abs(b.rho) - Math.abs(a.rho));
  return { correlations, left };
}
