import { NumberField } from '@backstage/ui';
import { fieldError } from '@greenroom/ai-react';

/** A number with its name, which says what is wrong with it. */
export function FormNumber(props: {
  label: string;
  description?: string;
  value: number;
  onChange(value: number): void;
  error?: string;
}) {
  const { error, ...field } = props;
  return (
    <NumberField
      size="small"
      formatOptions={{ maximumFractionDigits: 6, useGrouping: false }}
      {...field}
      {...fieldError(error)}
    />
  );
}
