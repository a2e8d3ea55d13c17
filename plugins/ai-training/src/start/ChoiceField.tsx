import { Select } from '@backstage/ui';

/** One of a list; says below it what is wrong with it. */
export function ChoiceField(props: {
  label: string;
  description?: string;
  isRequired?: boolean;
  options: { id: string; label: string }[];
  /** Undefined while nothing is chosen. */
  value: string | undefined;
  error: string | undefined;
  onChange(value: string): void;
}) {
  const { label, description, isRequired, options, value, error } = props;
  return (
    <Select
      size="medium"
      label={label}
      description={error ?? description}
      isRequired={isRequired}
      isInvalid={error !== undefined}
      placeholder="Choose one"
      // The empty key stands for what is chosen for one.
      options={options.map(({ id, label: text }) => ({
        id: keyOf(id),
        label: text,
      }))}
      value={value === undefined ? null : keyOf(value)}
      onChange={key => props.onChange(String(key).slice(1))}
    />
  );
}

/** A list has no empty keys. */
function keyOf(id: string): string {
  return `=${id}`;
}
