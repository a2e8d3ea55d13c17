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

/** Whether what was typed can be meant. */
export function isComplete({ perMinute, perDay }: LimitsForm): boolean {
  return [perMinute, perDay].every(text =>
    /^(?:[1-9][0-9]{0,11})?$/.test(text),
  );
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
