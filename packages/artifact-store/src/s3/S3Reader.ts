import type { ArtifactReader } from '../ArtifactStore';

/** Each read asks the store for at least so much: readers go forward in small steps. */
const WINDOW_BYTES = 256 * 1024;

/** Reads pieces of an object, a window at a time. */
export class S3Reader implements ArtifactReader {
  readonly sizeBytes: number;
  readonly #fetch: (start: number, end: number) => Promise<Buffer>;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(options: {
    sizeBytes: number;
    /** The bytes from `start` to `end`, both included. */
    fetch: (start: number, end: number) => Promise<Buffer>;
  }) {
    this.sizeBytes = options.sizeBytes;
    this.#fetch = options.fetch;
  }

  async read(position: number, length: number): Promise<Buffer> {
    const end = Math.min(position + length, this.sizeBytes);
    if (end <= position) return Buffer.alloc(0);
    const windowEnd = this.#windowStart + this.#window.length;
    if (position < this.#windowStart || end > windowEnd) {
      const wanted = Math.max(end, position + WINDOW_BYTES);
      const last = Math.min(wanted, this.sizeBytes) - 1;
      this.#window = await this.#fetch(position, last);
      this.#windowStart = position;
    }
    const offset = position - this.#windowStart;
    return this.#window.subarray(offset, offset + end - position);
  }

  async close(): Promise<void> {
    this.#window = Buffer.alloc(0);
  }
}
