import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshot } from '@greenroom/plugin-ai-inference-common';
import { errorCode } from '../errors';
import { parseSnapshot } from './parseSnapshot';

/** The last good snapshot on disk, for a start while the control plane is away. */
export class SnapshotStore {
  readonly #directory: string;
  readonly #environment: string;

  constructor(options: { directory: string; environment: string }) {
    this.#directory = options.directory;
    this.#environment = options.environment;
  }

  get #file(): string {
    return join(this.#directory, 'snapshot.json');
  }

  /**
   * @returns undefined when there is none.
   * @throws Error when there is one that cannot be read.
   */
  async load(): Promise<Snapshot | undefined> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
    return parseSnapshot(JSON.parse(text), this.#environment);
  }

  /** Replaces the file as a whole, so that a crash leaves the old one or the new one. */
  async save(snapshot: Snapshot): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const temporary = `${this.#file}.${randomUUID()}.tmp`;
    try {
      // Key hashes are in it; they are nobody else's business.
      await writeFile(temporary, JSON.stringify(snapshot), {
        mode: 0o600,
        flush: true,
      });
      await rename(temporary, this.#file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}
