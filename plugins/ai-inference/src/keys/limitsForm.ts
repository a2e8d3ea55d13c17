import {
  REQUEST_LIMIT_NAMES,
  type ApiKey,
  type RequestLimits,
  type TokenLimits,
} from '@greenroom/plugin-ai-inference-common';

/** Limits of a key: of tokens, and of requests and rows. */
export type KeyLimits = Pick<ApiKey, 'limits' | 'requestLimits'>;

type Mode = TokenLimits['mode'];
const TOKEN_LIMIT_NAMES = ['perMinute', 'perDay'] as const;
export type LimitName =
  | (typeof REQUEST_LIMIT_NAMES)[number]
  | (typeof TOKEN_LIMIT_NAMES)[number];

/** Limits as somebody types them. */
export interface LimitsForm extends Record<LimitName, string> {
  requestMode: Mode;
  tokenMode: Mode;
}

export function toLimitsForm({ limits, requestLimits }: KeyLimits): LimitsForm {
  const text = (limit: number | undefined) =>
    limit === undefined ? '' : String(limit);
  return {
    requestsPerSecond: text(requestLimits?.requestsPerSecond),
    burst: text(requestLimits?.burst),
    requestsInFlight: text(requestLimits?.requestsInFlight),
    rowsPerMinute: text(requestLimits?.rowsPerMinute),
    requestMode: requestLimits?.mode ?? 'hard',
    perMinute: text(limits?.perMinute),
    perDay: text(limits?.perDay),
    tokenMode: limits?.mode ?? 'hard',
  };
}

/** What to correct in a limit; undefined when it can be meant. */
export function explainLimit(text: string): string | undefined {
  return /^(?:[1-9][0-9]{0,8})?$/.test(text)
    ? undefined
    : 'Write a whole number from 1 to 999999999, in digits alone, or leave it empty.';
}

/** As of {@link explainLimit}, of a number of tokens. */
export function explainTokenLimit(text: string): string | undefined {
  return /^(?:[1-9][0-9]{0,11})?$/.test(text)
    ? undefined
    : 'Write a whole number from 1 to 999999999999, in digits alone, or leave it empty.';
}

/** A burst is one of requests a second. */
export function explainBurst({
  burst,
  requestsPerSecond,
}: Pick<LimitsForm, 'burst' | 'requestsPerSecond'>): string | undefined {
  return burst !== '' && requestsPerSecond === ''
    ? 'Say how many requests a second, too, or leave it empty.'
    : explainLimit(burst);
}

/** Whether what was typed can be meant. */
export function isComplete(form: LimitsForm): boolean {
  return (
    REQUEST_LIMIT_NAMES.every(name => explainLimit(form[name]) === undefined) &&
    TOKEN_LIMIT_NAMES.every(
      name => explainTokenLimit(form[name]) === undefined,
    ) &&
    explainBurst(form) === undefined
  );
}

export function hasRequestLimits(form: LimitsForm): boolean {
  return REQUEST_LIMIT_NAMES.some(name => form[name] !== '');
}

/** @returns only those that there are */
export function fromLimitsForm(form: LimitsForm): KeyLimits {
  const requests: Partial<RequestLimits> = numbers(form, REQUEST_LIMIT_NAMES);
  const tokens: Partial<TokenLimits> = numbers(form, TOKEN_LIMIT_NAMES);
  return {
    ...(Object.keys(requests).length > 0 && {
      requestLimits: { ...requests, mode: form.requestMode },
    }),
    ...(Object.keys(tokens).length > 0 && {
      limits: { ...tokens, mode: form.tokenMode },
    }),
  };
}

function numbers<Name extends LimitName>(
  form: LimitsForm,
  names: readonly Name[],
): Partial<Record<Name, number>> {
  const found: Partial<Record<Name, number>> = {};
  for (const name of names) {
    if (form[name] !== '') found[name] = Number(form[name]);
  }
  return found;
}
