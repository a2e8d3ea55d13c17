import type { Words } from '../Command';
import { usageError } from '../CommandError';

const STATES = ['checked', 'merged', 'completed'] as const;

/** What of a promotion is waited for. */
export type Until = (typeof STATES)[number];

/** @throws CommandError for something else */
export function untilOf(command: string, words: Words): Until {
  const text = words.text('until') ?? 'completed';
  const found = STATES.find(state => state === text);
  if (found) return found;
  throw usageError(
    `${command}: --until is '${text}': expected one of ${STATES.join(', ')}`,
  );
}
