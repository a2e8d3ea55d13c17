import { TextField } from '@backstage/ui';
import { fieldError } from '@greenroom/ai-react';
import type { TemplateParameter } from '@greenroom/plugin-ai-training-common';
import { ChoiceField } from './ChoiceField';

const YES_OR_NO = [
  { id: 'true', label: 'Yes' },
  { id: 'false', label: 'No' },
];

/** Asks for the value of a parameter, as its type has it. */
export function ParameterField(props: {
  parameter: TemplateParameter;
  value: string | undefined;
  error: string | undefined;
  onChange(value: string): void;
}) {
  const { parameter, value, error, onChange } = props;
  const { name, title, type, choices } = parameter;
  const field = {
    label: title ?? name,
    description: describe(parameter),
    isRequired: parameter.default === undefined,
  };
  if (choices !== undefined || type === 'boolean') {
    return (
      <ChoiceField
        {...field}
        options={
          choices?.map(choice => ({
            id: String(choice),
            label: String(choice),
          })) ?? YES_OR_NO
        }
        value={value}
        error={error}
        onChange={onChange}
      />
    );
  }
  return (
    <TextField
      {...field}
      inputMode={type === 'string' ? 'text' : 'decimal'}
      value={value ?? ''}
      {...fieldError(error)}
      onChange={onChange}
    />
  );
}

/** What it is, and between which bounds. */
function describe(parameter: TemplateParameter): string | undefined {
  const { description, minimum, maximum } = parameter;
  const bounds =
    minimum !== undefined && maximum !== undefined
      ? `${minimum} to ${maximum}`
      : [
          ...(minimum === undefined ? [] : [`at least ${minimum}`]),
          ...(maximum === undefined ? [] : [`at most ${maximum}`]),
        ].join('');
  const kind = parameter.type === 'integer' ? 'whole number' : 'number';
  const isNumber = parameter.type === 'integer' || parameter.type === 'number';
  const range = isNumber && [kind, bounds].filter(Boolean).join(', ');
  const parts = [
    description,
    parameter.choices ? undefined : range || undefined,
  ];
  return parts.filter(Boolean).join(' · ') || undefined;
}
