/** How long the control plane is asked to wait for a change; proxies often give up after a minute. */
const WAIT_SECONDS = 20;
/**
 * Asks for a document, waiting for a change of the one that is known.
 *
 * @param options.pollMillis - pause where the control plane does not wait
 * @returns the pause until it is to be asked again, in milliseconds.
 */
export async function longPoll<T>(options: {
  /** @returns undefined when nothing has changed */
  fetch: (waitSeconds: number) => Promise<T | undefined>;
  /** Without a known document, or after a failure, the answer should come at once. */
  wait: boolean;
  pollMillis: number;
  /** Pause after a change, so that those of a burst come together. */
  afterChangeMillis: number;
  onChange: (document: T) => void;
}): Promise<number> {
  const { fetch, wait, pollMillis, afterChangeMillis, onChange } = options;
  const startedMillis = performance.now();
  const document = await fetch(wait ? WAIT_SECONDS : 0);
  if (document !== undefined) {
    onChange(document);
    return Math.min(afterChangeMillis, pollMillis);
  }
  const waitedMillis = performance.now() - startedMillis;
  return wait && waitedMillis * 2 >= WAIT_SECONDS * 1_000 ? 0 : pollMillis;
}
