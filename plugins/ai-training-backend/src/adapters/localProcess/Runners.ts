import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalPlaces } from './LocalPlaces';

const PACKAGE_NAME = '@greenroom/plugin-ai-training-backend';
/** From its start until it has said that it is there. */
const START_MILLIS = 30_000;
const MEND_AGAIN_MILLIS = 10_000;
const MOST_COMPLAINT_CHARACTERS = 500;
/** It passes bytes on, and needs little. */
const OPTIONS = ['--max-old-space-size=64', '--max-semi-space-size=2'];

/** Starts the programs that watch over attempts (`workers/attempt/main.js`); they go on when this process ends. */
export class Runners {
  readonly #options: {
    places: LocalPlaces;
    /** Where programs are looked for. */
    path: string;
    /** One did not come so far that it could say why. */
    onFailed(name: string, message: string): Promise<void>;
  };
  /** When they were started, by this process's clock, until they have said that they are there or ended. */
  readonly #launchedMillis = new Map<string, number>();
  /** When one was started in the place of another, by this process's clock. */
  readonly #mendedMillis = new Map<string, number>();

  constructor(options: {
    places: LocalPlaces;
    path: string;
    onFailed(name: string, message: string): Promise<void>;
  }) {
    this.#options = options;
  }

  /** Whether one was started just now, that may not have said anything yet. */
  isStarting(name: string): boolean {
    return isWithin(this.#launchedMillis.get(name), START_MILLIS);
  }

  launch(name: string): void {
    const { places, path } = this.#options;
    this.#launchedMillis.set(name, performance.now());
    const program = resolvePackagePath(PACKAGE_NAME, 'workers/attempt/main.js');
    const folder = places.folderOf(name).path;
    const complaints = openComplaints(folder);
    try {
      const child = spawn(process.execPath, [...OPTIONS, program, folder], {
        cwd: folder,
        // Nothing of ours; what the attempt's program gets is in its order.
        env: { PATH: path },
        detached: true,
        stdio: ['ignore', 'ignore', complaints ?? 'ignore'],
      });
      child.once('error', error => this.#tellFailed(name, error.message));
      child.once('exit', code => {
        if (code === 0) this.#launchedMillis.delete(name);
        else this.#tellFailed(name, `it ended with exit code ${code}`);
      });
      child.unref();
    } finally {
      if (complaints !== undefined) closeSync(complaints);
    }
  }

  /**
   * The one of an attempt has ended: another one ends what is left of its program, and says so.
   *
   * @returns whether one was started; not again and again
   */
  mend(name: string): boolean {
    if (isWithin(this.#mendedMillis.get(name), MEND_AGAIN_MILLIS)) return false;
    this.#mendedMillis.set(name, performance.now());
    try {
      this.launch(name);
    } catch {
      // The machine has no room for another process now: it is tried again.
      return false;
    }
    return true;
  }

  forget(name: string): void {
    this.#launchedMillis.delete(name);
    this.#mendedMillis.delete(name);
  }

  async #tellFailed(name: string, why: string): Promise<void> {
    const { places, onFailed } = this.#options;
    const folder = places.folderOf(name);
    // One that came to watching, and ended, is found by looking.
    this.#launchedMillis.delete(name);
    if (await folder.runner().catch(() => true)) return;
    const file = join(folder.path, 'runner.log');
    const said = await readFile(file, 'utf8').catch(() => '');
    const words = `What watches over its program could not be started: ${why}`;
    const end = said.slice(-MOST_COMPLAINT_CHARACTERS).trim();
    await onFailed(name, end === '' ? words : `${words}: ${end}`);
  }
}

/** Mostly empty: it is read where a runner does not even come to its first file. Undefined where there is no room. */
function openComplaints(folder: string): number | undefined {
  try {
    return openSync(join(folder, 'runner.log'), 'a', 0o600);
  } catch {
    return undefined;
  }
}

function isWithin(atMillis: number | undefined, millis: number): boolean {
  return atMillis !== undefined && performance.now() - atMillis < millis;
}
