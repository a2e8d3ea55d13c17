import { forEachParallel } from '../forEachParallel';
import {
  type FetchedFile,
  fetchFile,
  type FetchOptions,
  type WantedFile,
} from './fetchFile';

/** Files that are fetched at the same time. */
export const AT_ONCE = 4;
export const STALL_MILLIS = 60_000;
export const PAUSE_MILLIS = 1_000;

/**
 * Brings files into a folder, some at a time, and says which came. The first that cannot be had ends it; those
 * that came before stay, and are not fetched the next time.
 *
 * @returns in the order in which they were named
 */
export async function fetchFiles(
  files: readonly WantedFile[],
  options: FetchOptions & { say(text: string): void },
): Promise<FetchedFile[]> {
  const { say } = options;
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const fetched = new Map<string, FetchedFile>();
  let reason: unknown;
  try {
    await forEachParallel(each(files), { limit: AT_ONCE }, async file => {
      try {
        const one = await fetchFile(file, { ...options, signal });
        fetched.set(file.path, one);
        say(`${one.fetched ? 'fetched' : 'there already:'} ${one.path}`);
      } catch (error) {
        // What the others throw once they are stopped is no reason.
        reason ??= error;
        ending.abort();
        throw error;
      }
    });
  } catch {
    options.signal.throwIfAborted();
    throw reason;
  }
  return files.flatMap(({ path }) => fetched.get(path) ?? []);
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
