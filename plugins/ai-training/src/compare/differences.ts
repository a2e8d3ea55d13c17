import type { AxisValue } from '@greenroom/ai-react';
import type { Run } from '@greenroom/plugin-ai-training-common';
import { type Field, fieldsOf, valueOf } from '../runs/fields';

/** A parameter or metric, and what it is in each of the runs. */
export interface DifferenceRow {
  field: Field;
  /** In the order of the runs; undefined where a run has none. */
  values: (AxisValue | undefined)[];
  isEqual: boolean;
}

/** Parameters and metrics of runs beside each other. */
export function differencesOf(runs: readonly Run[]): DifferenceRow[] {
  return fieldsOf(runs)
    .filter(({ kind }) => kind !== 'tags')
    .map(field => {
      const values = runs.map(run => valueOf(run, field));
      return {
        field,
        values,
        isEqual: values.every(value => value === values[0]),
      };
    });
}
