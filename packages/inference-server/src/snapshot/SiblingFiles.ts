import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isPartOf } from './fetchFile';
import { linkFile } from './linkFile';

/** All hear of a new version at once: time for the first to begin to fetch it. */
const BEGIN_MILLIS = 300;
const LOOK_MILLIS = 100;
/** Who has not got on with a file for so long may never do. */
const STUCK_MILLIS = 5_000;

/** The files of other caches on the same disk, which fetch the same. */
export class SiblingFiles {
  readonly #folders: readonly string[];
  readonly #earlier: readonly string[];
  readonly #stuckMillis: number;

  constructor(options: {
    folders: readonly string[];
    /** Those of them that fetch first. */
    earlier: readonly string[];
    stuckMillis?: number;
  }) {
    this.#folders = options.folders;
    this.#earlier = options.earlier;
    this.#stuckMillis = options.stuckMillis ?? STUCK_MILLIS;
  }

  /**
   * Gives a sibling's file another name; waits for it as long as one that comes first is fetching it.
   *
   * @param path - of the file, within each folder
   * @returns whether it is there; else it is to be fetched.
   */
  async link(
    path: string,
    to: { file: string; digest: string },
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (await this.#linkOne(path, to)) return true;
    if (this.#earlier.length === 0) return false;
    await setTimeout(BEGIN_MILLIS);
    while (!signal?.aborted) {
      const isComing = await this.#isComing(path);
      // Asked in this order, one that has just come is not missed.
      if (await this.#linkOne(path, to)) return true;
      if (!isComing) return false;
      await setTimeout(LOOK_MILLIS);
    }
    return false;
  }

  async #linkOne(
    path: string,
    to: { file: string; digest: string },
  ): Promise<boolean> {
    for (const folder of this.#folders) {
      if (await linkFile(join(folder, path), to)) return true;
    }
    return false;
  }

  async #isComing(path: string): Promise<boolean> {
    for (const folder of this.#earlier) {
      const parent = dirname(join(folder, path));
      const names = await readdir(parent).catch(() => []);
      for (const name of names.filter(isPartOf(basename(path)))) {
        const part = await stat(join(parent, name)).catch(() => undefined);
        if (part && Date.now() - part.mtimeMs < this.#stuckMillis) return true;
      }
    }
    return false;
  }
}
