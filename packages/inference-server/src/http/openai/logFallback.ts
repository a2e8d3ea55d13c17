import type { Logger } from '../../logger';
import type { Fallback } from './openLanguage';

/** Says in the log that a model did not answer: callers do not see it. */
export function logFallback(
  logger: Logger,
  { from, to, reason, error }: Fallback,
): void {
  logger.warn('another language model is asked in the place of one', {
    model: from,
    fallback: to,
    reason,
    error: String(error),
  });
}
