import {
  MAX_SLICE_COLUMNS,
  type NewMeasurement,
} from '@greenroom/plugin-ai-registry-common';

/** What is filled in, as texts. */
export interface MeasureForm {
  dataset: string;
  version: string;
  target: string;
  /** Columns with commas between. */
  slices: string;
  protected: string;
  positive: string;
  /** Empty for nothing. */
  compareWith: string;
}

export type MeasureErrors = Partial<Record<keyof MeasureForm, string>>;

/** What is asked for, or what is wrong by field. */
export function readMeasureForm(
  form: MeasureForm,
):
  | { measurement: NewMeasurement; errors?: undefined }
  | { measurement?: undefined; errors: MeasureErrors } {
  const slices = form.slices
    .split(',')
    .map(column => column.trim())
    .filter(column => column !== '');
  const errors: MeasureErrors = {
    ...(form.dataset === '' && { dataset: 'Choose the dataset.' }),
    ...(form.version === '' && { version: 'Choose one of its versions.' }),
    ...(form.target === '' && { target: 'Choose the column with the truth.' }),
    ...(slices.length > MAX_SLICE_COLUMNS && {
      slices: `Name at most ${MAX_SLICE_COLUMNS} columns.`,
    }),
    ...(new Set(slices).size < slices.length && {
      slices: 'Name each column once.',
    }),
  };
  if (Object.keys(errors).length > 0) return { errors };
  const texts = {
    protected: form.protected.trim(),
    positive: form.positive.trim(),
    compareWith: form.compareWith,
  };
  return {
    measurement: {
      dataset: { name: form.dataset, version: Number(form.version) },
      target: form.target,
      ...(slices.length > 0 && { slices }),
      ...Object.fromEntries(
        Object.entries(texts).filter(([, text]) => text !== ''),
      ),
    },
  };
}
