import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Snapshot } from '@greenroom/plugin-ai-inference-common';
import { z } from 'zod';
import { errorCode } from '../errors';
import { parseSnapshot } from './parseSnapshot';

/** The content with its hash, so that what was changed on the disk is noticed. */
const savedFile = z.object({
  formatVersion: z.literal(2),
  /** SHA-256 of the content's JSON, hexadecimal. */
  sha256: z.string(),
  content: z.unknown(),
});
/** Before there was a hash, the file was the bare snapshot. */
const bareFile = z.looseObject({ formatVersion: z.literal(1) });

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
   * @throws Error when there is one that cannot be read, or is not what was written.
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
    return parseSnapshot(this.#unwrap(text), this.#environment);
  }

  /** Replaces the file as a whole, so that a crash leaves the old one or the new one. */
  async save(snapshot: Snapshot): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const temporary = `${this.#file}.${randomUUID()}.tmp`;
    const content = JSON.stringify(snapshot);
    try {
      // Key hashes are in it; they are nobody else's business.
      await writeFile(
        temporary,
        `{"formatVersion":2,"sha256":"${sha256(
          content,
        )}","content":${content}}`,
        { mode: 0o600, flush: true },
      );
      await rename(temporary, this.#file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #unwrap(text: string): unknown {
    const value: unknown = JSON.parse(text);
    if (bareFile.safeParse(value).success) return value;
    const { sha256: expected, content } = savedFile.parse(value);
    const found = sha256(JSON.stringify(content) ?? '');
    if (found !== expected) {
      throw new Error(
        `${
          this.#file
        } was changed after it was written: the hash of its content is ${found}, expected ${expected}. It is replaced by what the control plane says; correct the deployment there, not the file`,
      );
    }
    return content;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
