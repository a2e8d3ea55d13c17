import type { LimitStates } from '../../domain/Admission';

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;

/** How much is left of a key's limits, as OpenAI's API says it. */
export function limitHeaders(
  states: LimitStates | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const unit of ['requests', 'tokens'] as const) {
    const state = states?.[unit];
    if (!state) continue;
    headers[`x-ratelimit-limit-${unit}`] = String(state.limit);
    headers[`x-ratelimit-remaining-${unit}`] = String(state.remaining);
    headers[`x-ratelimit-reset-${unit}`] = durationOf(state.resetSeconds);
  }
  return headers;
}

/** Such as `1h0m5s`, `6m0s` or `20s`. */
function durationOf(seconds: number): string {
  const hours = Math.floor(seconds / SECONDS_PER_HOUR);
  const minutes = Math.floor((seconds % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE);
  const rest = `${seconds % SECONDS_PER_MINUTE}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
