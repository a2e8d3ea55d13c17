import type { TokenLimits } from '@greenroom/plugin-ai-inference-common';

/** Limits as somebody types them. */
export interface LimitsForm {
  perMinute: string;
  perDay: string;
  mode: TokenLimits['mode'];
}

export function toLimitsForm(limits: TokenLimits | undefined): LimitsForm {
  return {
    perMinute: limits?.perMinute === undefined ? '' : String(limits.perMinute),
    perDay: limits?.perDay === undefined ? '' : String(limits.perDay),
    mode: limits?.mode ?? 'hard',
  };
}

/** What to correct in a number of tokens; undefined when it can be meant. */
export function explainLimit(text: string): string | undefined {
  return /^(?:[1-9][0-9]{0,11})?$/.test(text)
    ? undefined
    : 'Write a whole number from 1 to 999999999999, in digits alone, or leave it empty.';
}

/** Whether what was typed can be meant. */
export function isComplete({ perMinute, perDay }: LimitsForm): boolean {
  return [perMinute, perDay].every(text => explainLimit(text) === undefined);
}

/** @returns undefined for none */
export function fromLimitsForm(form: LimitsForm): TokenLimits | undefined {
  const { perMinute, perDay, mode } = form;
  if (perMinute === '' && perDay === '') return undefined;
  return {
    ...(perMinute !== '' && { perMinute: Number(perMinute) }),
    ...(perDay !== '' && { perDay: Number(perDay) }),
    mode,
  };
}
