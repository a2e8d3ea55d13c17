import type { ParameterValue, TemplateParameter } from './template';

/** What somebody wrote for a parameter, as a value of its type; undefined where it is none. */
export function parameterValueOf(
  { type }: Pick<TemplateParameter, 'type'>,
  text: string,
): ParameterValue | undefined {
  if (type === 'string') return text;
  if (type === 'boolean') {
    return text === 'true' || (text === 'false' ? false : undefined);
  }
  const value = text.trim() === '' ? NaN : Number(text);
  const isRight =
    type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isRight ? value : undefined;
}
