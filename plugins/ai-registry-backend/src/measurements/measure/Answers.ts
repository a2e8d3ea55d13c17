import type {
  MeasurementQuestion,
  ModelSchema,
} from '@greenroom/plugin-ai-registry-common';

/** A value of a column as JSON has it; undefined and null where there is none. */
export type ColumnValue = unknown;

/** What a version said of the rows of a dataset, with what the rows say themselves. All lists are by row. */
export interface Answers {
  schema: ModelSchema;
  question: MeasurementQuestion;
  /** Values of the column with the truth. */
  truth: readonly ColumnValue[];
  /** Null for a row without an answer. */
  predictions: readonly (string | number | null)[];
  scores:
    | {
        classes: readonly string[];
        /** [row][class]; null for a row without scores. */
        values: readonly (ArrayLike<number> | null)[];
      }
    | { none: string };
  /** Values of each column of `question.slices`. */
  sliceColumns: readonly (readonly ColumnValue[])[];
  /** Of `question.protected`; undefined where there is none. */
  protectedColumn?: readonly ColumnValue[];
}

/** Fewer tell nothing: their interval would be made up, or as wide as what is possible. */
export const LEAST_ROWS = 20;

/** A value as text; undefined where there is none. */
export function textOf(value: ColumnValue): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
