import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * For how long a version is left be at least after the first end, the second, and later ones. The first may have been
 * something else, such as a machine that lost its power: then what it was loading is not to be away for long.
 */
const HOLD_MILLIS = [30_000, 300_000, 3_600_000];

/**
 * And at most so many times as long: data planes that have ended together of a version would end together of it again,
 * and nobody would be there for callers.
 */
const LONGEST = 2;

/**
 * Remembers which versions were being loaded when the process ended: it may have ended of that, by too little memory above
 * all, and would do so again and again, and with it what it serves.
 *
 * A version is marked while it is loaded. A mark that is there at a start is of a process that has ended meanwhile.
 */
export class LoadMarks {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #factor: number;
  /** By digest: how often a process has ended, and when the last one did, in milliseconds since 1970. */
  readonly #ends = new Map<string, { count: number; atMillis: number }>();

  /**
   * @param options.folder - is made when the first version is loaded
   * @param options.now - in milliseconds since 1970
   * @param options.random - at least 0 and less than 1
   */
  constructor(options: {
    folder: string;
    now?: () => number;
    random?: () => number;
  }) {
    this.#folder = options.folder;
    this.#now = options.now ?? Date.now;
    this.#factor = 1 + (options.random ?? Math.random)() * (LONGEST - 1);
    for (const name of listOf(this.#folder)) {
      const ends = readMark(join(this.#folder, name));
      if (ends) this.#ends.set(`sha256:${name}`, ends);
    }
  }

  /** Whether a process has ended while it loaded it, and none has loaded it since. */
  isSuspect(digest: string): boolean {
    return this.#ends.has(digest);
  }

  /** Why it is not to be loaded now, and for how many milliseconds; undefined where it may be. */
  hold(digest: string): { reason: string; millis: number } | undefined {
    const ends = this.#ends.get(digest);
    if (!ends) return undefined;
    const { count, atMillis } = ends;
    const last = HOLD_MILLIS.length - 1;
    const heldMillis = HOLD_MILLIS[Math.min(count - 1, last)] * this.#factor;
    const nowMillis = this.#now();
    // A clock that was put back does not lengthen it.
    const untilMillis = Math.round(Math.min(atMillis, nowMillis) + heldMillis);
    const millis = untilMillis - nowMillis;
    if (millis <= 0) return undefined;
    const often = count === 1 ? 'has ended' : `has ended ${count} times`;
    const until = new Date(untilMillis).toISOString().slice(11, 19);
    return {
      reason: `the data plane ${often} while it loaded this version, for which it may have too little memory, and tries it again at ${until} UTC`,
      millis,
    };
  }

  /** @returns why the mark could not be written; then it is loaded without one */
  begin(digest: string): unknown {
    const count = (this.#ends.get(digest)?.count ?? 0) + 1;
    return failureOf(() => {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(this.#fileOf(digest), String(count));
    });
  }

  /**
   * The process has survived it, whether or not it was loaded.
   *
   * @returns why the mark could not be removed
   */
  end(digest: string): unknown {
    this.#ends.delete(digest);
    return failureOf(() => rmSync(this.#fileOf(digest), { force: true }));
  }

  #fileOf(digest: string): string {
    return join(this.#folder, digest.replace('sha256:', ''));
  }
}

/** Undefined where there is nothing that can be read. */
function readMark(
  file: string,
): { count: number; atMillis: number } | undefined {
  try {
    const count = Number(readFileSync(file, 'utf8'));
    return {
      // Cut off where its process ended in the middle of writing it.
      count: Number.isInteger(count) && count > 0 ? count : 1,
      atMillis: statSync(file).mtimeMs,
    };
  } catch {
    return undefined;
  }
}

function failureOf(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
