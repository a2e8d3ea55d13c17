import type { LimitState } from '../../domain/Admission';

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;

/** How much is left of a key's limit, as OpenAI's API says it. */
export function limitHeaders(
  state: LimitState | undefined,
): Record<string, string> {
  if (!state) return {};
  return {
    'x-ratelimit-limit-tokens': String(state.limit),
    'x-ratelimit-remaining-tokens': String(state.remaining),
    'x-ratelimit-reset-tokens': durationOf(state.resetSeconds),
  };
}

/** Such as `1h0m5s`, `6m0s` or `20s`. */
function durationOf(seconds: number): string {
  const hours = Math.floor(seconds / SECONDS_PER_HOUR);
  const minutes = Math.floor((seconds % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE);
  const rest = `${seconds % SECONDS_PER_MINUTE}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
