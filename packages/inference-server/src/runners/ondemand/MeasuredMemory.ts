import { estimateMemory, SESSION_BYTES } from './estimateMemory';

/** Less than this is not told from what else a process does with its memory. */
export const MEASURABLE_BYTES = 16 * 1024 * 1024;

/**
 * What a model takes: what its size says, until its openings say otherwise.
 *
 * A measure may be too much, where the process did something for the first time, so that two have to agree on
 * more. It may be too little, where memory was used again that another model has left behind, so that the
 * largest counts, and never less than the files themselves.
 */
export class MeasuredMemory {
  readonly bySizeBytes: number;
  readonly #sizeBytes: number;
  #last: number | undefined;
  #most = 0;
  #agreed = 0;

  /** @param sizeBytes - of all files of the version */
  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.bySizeBytes = estimateMemory(sizeBytes);
  }

  get bytes(): number {
    const { bySizeBytes } = this;
    if (this.#isMuch(this.#agreed)) return this.#agreed;
    const isLess = this.#last !== undefined && this.#most < bySizeBytes;
    return isLess && bySizeBytes >= MEASURABLE_BYTES
      ? Math.max(SESSION_BYTES + this.#sizeBytes, this.#most)
      : bySizeBytes;
  }

  /** Whether no opening was measured yet, or one took much more than its size says, and no other one has said so. */
  get isDoubtful(): boolean {
    if (this.#last === undefined) return true;
    return this.#isMuch(this.#last) && !this.#isMuch(this.#agreed);
  }

  /** @param grownBytes - what the process took more when it was opened; undefined where that cannot be told */
  learn(grownBytes: number | undefined): void {
    if (grownBytes === undefined) return;
    if (this.#last !== undefined) {
      const agreed = Math.min(this.#last, grownBytes);
      this.#agreed = Math.max(this.#agreed, agreed);
    }
    this.#last = grownBytes;
    this.#most = Math.max(this.#most, grownBytes);
  }

  #isMuch(bytes: number): boolean {
    return bytes > Math.max(this.bySizeBytes, MEASURABLE_BYTES);
  }
}
