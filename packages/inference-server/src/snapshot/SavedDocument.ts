import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { errorCode } from '../errors';

/** The content with its hash, so that what was changed on the disk is noticed. */
const savedFile = z.object({
  formatVersion: z.literal(2),
  /** SHA-256 of the content's JSON, hexadecimal. */
  sha256: z.string(),
  content: z.unknown(),
});

/** A document of the control plane on disk, for a start while the control plane is away. */
export class SavedDocument<T> {
  readonly #file: string;
  readonly #parse: (value: unknown) => T;
  readonly #mayBeBare: boolean;
  #savedHash = '';

  constructor(options: {
    file: string;
    /** Throws an Error for what is no such document. */
    parse: (value: unknown) => T;
    /** Whether the file may be the bare document, as it was before there was a hash. */
    mayBeBare?: boolean;
  }) {
    this.#file = options.file;
    this.#parse = options.parse;
    this.#mayBeBare = options.mayBeBare ?? false;
  }

  /**
   * @returns undefined when there is none.
   * @throws Error when there is one that cannot be read, or is not what was written.
   */
  async load(): Promise<T | undefined> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
    return this.#parse(this.#unwrap(text));
  }

  /**
   * Replaces the file as a whole, so that a crash leaves the old one or the new one.
   *
   * @returns whether there was something new to write.
   */
  async save(document: T): Promise<boolean> {
    const content = JSON.stringify(document);
    const hash = sha256(content);
    if (hash === this.#savedHash) return false;
    await mkdir(dirname(this.#file), { recursive: true });
    const temporary = `${this.#file}.${randomUUID()}.tmp`;
    try {
      // Key hashes are in it; they are nobody else's business.
      await writeFile(
        temporary,
        `{"formatVersion":2,"sha256":"${hash}","content":${content}}`,
        { mode: 0o600, flush: true },
      );
      await rename(temporary, this.#file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    this.#savedHash = hash;
    return true;
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }

  #unwrap(text: string): unknown {
    const value: unknown = JSON.parse(text);
    const wrapped = savedFile.safeParse(value);
    if (!wrapped.success) {
      if (this.#mayBeBare) return value;
      throw new Error(
        `${this.#file} is not as it was written: ${wrapped.error.message}`,
      );
    }
    const { sha256: expected, content } = wrapped.data;
    const found = sha256(JSON.stringify(content) ?? '');
    if (found !== expected) {
      throw new Error(
        `${
          this.#file
        } was changed after it was written: the hash of its content is ${found}, expected ${expected}. It is replaced by what the control plane says; change that there, not in the file`,
      );
    }
    return content;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
