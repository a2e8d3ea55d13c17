import type { CommandContext } from './Command';
import { CommandError, EXIT_CODES } from './CommandError';

/** The first Ctrl+C ends the work, so that it leaves things in order; the second one ends the process. */
export function interrupt({ signal }: CommandContext): {
  signal: AbortSignal;
  release(): void;
} {
  if (signal) return { signal, release: () => undefined };
  const controller = new AbortController();
  const stop = () =>
    controller.abort(new CommandError('stopped', EXIT_CODES.interrupted));
  process.once('SIGINT', stop);
  return {
    signal: controller.signal,
    release: () => process.removeListener('SIGINT', stop),
  };
}
