import { AwayError, type Endpoint, RefusedError } from './Endpoint';
import type { MlflowServer } from './MlflowServer';
import type { Kind, Report } from './Report';

/** How many things are brought over at a time. */
export const CONCURRENCY = 4;

/** Says of what is here which page of the other server it is from. */
export const ORIGIN_TAG = 'greenroom.imported-from';

/** Most that is logged at once. */
export const BATCH = 100;

/** What all steps of bringing things over share. */
export interface Import {
  source: MlflowServer;
  /** The portal, by the protocol. */
  portal: MlflowServer;
  /** The portal's own API. */
  api: Endpoint;
  report: Report;
  /** Nothing is written. */
  isDryRun: boolean;
  signal: AbortSignal;
  /** How far it is. */
  say(text: string): void;
}

/** An experiment there, and the one here. */
export interface ExperimentPair {
  /** Id there. */
  theirs: string;
  /** Id here; undefined where it would have to be made first. */
  here?: string;
  name: string;
  isDeleted: boolean;
  /** Ids of runs of which something did not come. */
  incomplete: Set<string>;
}

/**
 * Brings one thing over, and puts into the report why it could not come.
 *
 * @returns whether it came
 * @throws what ends the whole: that it was stopped, that a server is away for good, or refuses the token
 */
export async function attempt(
  { report, signal }: Pick<Import, 'report' | 'signal'>,
  { kind, what }: { kind: Kind; what: string },
  act: () => Promise<void>,
): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const isKnown = error instanceof RefusedError || error instanceof AwayError;
    if (
      !isKnown ||
      (error instanceof AwayError && error.isFinal) ||
      (error instanceof RefusedError && error.status === 401)
    ) {
      throw error;
    }
    report.fail(kind, { what, why: error.message });
    return false;
  }
}

/** What is to be added, and what is here with another value. */
export function compare(
  theirs: Record<string, string>,
  here: Record<string, string>,
): { missing: Record<string, string>; different: string[] } {
  const keys = Object.keys(theirs);
  return {
    missing: Object.fromEntries(
      keys
        .filter(key => !Object.hasOwn(here, key))
        .map(key => [key, theirs[key]]),
    ),
    different: keys.filter(
      key => Object.hasOwn(here, key) && here[key] !== theirs[key],
    ),
  };
}

/** In groups of so many, or of fewer where they are long: a body has at most 1 MiB. */
export function inBatches<Item>(
  items: readonly Item[],
  { most = BATCH, mostCharacters = 200_000 } = {},
): Item[][] {
  const batches: Item[][] = [];
  let characters = 0;
  for (const item of items) {
    const length = JSON.stringify(item).length;
    const last = batches.at(-1);
    if (!last || last.length >= most || characters + length > mostCharacters) {
      batches.push([item]);
      characters = length;
    } else {
      last.push(item);
      characters += length;
    }
  }
  return batches;
}
