import type { Tensor } from '../../domain/tensor';

/** Of an entry besides its values: its key, its place, what describes its tensors. */
const OVERHEAD_BYTES = 512;
/** One that takes more room than this is not worth what it drives out. */
const MOST_SHARE = 0.25;

interface Entry {
  outputs: readonly Tensor[];
  bytes: number;
}

/** Answers of one version by the keys of their requests; those that were not asked for longest go first. */
export class ResponseCache {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(options: { maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
  }

  /** In memory, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): readonly Tensor[] | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.outputs;
  }

  /** Keeps a copy: what a run gives back may be a small part of a large batch's memory. */
  put(key: string, outputs: readonly Tensor[]): void {
    const bytes = outputs.reduce(
      (sum, { data }) => sum + bytesOf(data),
      OVERHEAD_BYTES,
    );
    if (bytes > this.#maxBytes * MOST_SHARE) return;
    this.#remove(key);
    while (this.#bytes + bytes > this.#maxBytes) {
      const [oldest] = this.#entries.keys();
      this.#remove(oldest);
    }
    const copies = outputs.map(one => ({ ...one, data: one.data.slice() }));
    this.#entries.set(key, { outputs: copies, bytes });
    this.#bytes += bytes;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}

function bytesOf(data: Tensor['data']): number {
  if (!Array.isArray(data)) return data.byteLength;
  let bytes = 0;
  for (const text of data) bytes += 16 + 2 * text.length;
  return bytes;
}
