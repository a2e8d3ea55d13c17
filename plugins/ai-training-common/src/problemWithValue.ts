import type { ParameterValue, TemplateParameter } from './template';

const ARTICLES = {
  integer: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
} as const;

/** Why a value is none of a parameter, in words; undefined where it is one. */
export function problemWithValue(
  parameter: Pick<
    TemplateParameter,
    'type' | 'minimum' | 'maximum' | 'choices'
  >,
  value: unknown,
): string | undefined {
  const { type, minimum, maximum, choices } = parameter;
  const got = JSON.stringify(value) ?? 'nothing';
  const isOfType =
    type === 'integer'
      ? Number.isSafeInteger(value)
      : typeof value === type && !(Number.isNaN(value) as boolean);
  if (!isOfType) return `expected ${ARTICLES[type]}, got ${got}`;
  if (minimum !== undefined && (value as number) < minimum) {
    return `expected at least ${minimum}, got ${got}`;
  }
  if (maximum !== undefined && (value as number) > maximum) {
    return `expected at most ${maximum}, got ${got}`;
  }
  return choices && !choices.includes(value as ParameterValue)
    ? `expected one of ${choices.join(', ')}, got ${got}`
    : undefined;
}
