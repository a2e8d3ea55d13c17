/** How often a data plane tells the process that started it that it is not stuck. */
const ALIVE_MILLIS = 2_000;

/**
 * Tells again and again, as long as this process does anything at all: one that computes without
 * end, or waits for itself, tells nothing.
 *
 * @returns ends it
 */
export function beAlive(
  tell: (message: { type: 'alive' }) => void,
  everyMillis: number = ALIVE_MILLIS,
): () => void {
  const say = () => tell({ type: 'alive' });
  say();
  const timer = setInterval(say, everyMillis);
  timer.unref();
  return () => clearInterval(timer);
}
