import { formatDuration } from '@greenroom/ai-react';

const DAY_SECONDS = 86_400;

/** Time that is left, as it stands in a sentence: "in 2 min 5 s", "in 3 days", "any moment now". */
export function describeCountdown(leftMillis: number): string {
  const seconds = Math.ceil(leftMillis / 1_000);
  if (seconds <= 0) return 'any moment now';
  if (seconds < 2 * DAY_SECONDS) return `in ${formatDuration(seconds)}`;
  return `in ${Math.round(seconds / DAY_SECONDS)} days`;
}
