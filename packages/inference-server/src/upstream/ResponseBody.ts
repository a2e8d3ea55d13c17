import { UpstreamFailure } from './UpstreamFailure';

/** Bytes that wait to be read before the sender is made to wait. */
const HIGH_WATER_BYTES = 64 * 1024;

interface Flow {
  pause(): void;
  resume(): void;
  /** Ends the transfer; nobody reads the rest. */
  destroy(): void;
}

/** The bytes of an answer as they come, to be read once. */
export class ResponseBody implements AsyncIterable<Buffer> {
  /** Resolves once nothing more comes, whether it is whole or not, and was read or not. */
  readonly over: Promise<void>;
  readonly #flow: Flow;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #paused = false;
  #state: 'open' | 'ended' | UpstreamFailure = 'open';
  #wake: (() => void) | undefined;
  #isOver: () => void = () => {};

  constructor(flow: Flow) {
    this.#flow = flow;
    this.over = new Promise(resolve => {
      this.#isOver = resolve;
    });
  }

  push(chunk: Buffer): void {
    if (this.#state !== 'open') return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > HIGH_WATER_BYTES && !this.#paused) {
      this.#paused = true;
      this.#flow.pause();
    }
    this.#wake?.();
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#isOver();
    this.#wake?.();
  }

  fail(failure: UpstreamFailure): void {
    if (this.#state === 'open') this.#state = failure;
    this.#isOver();
    this.#wake?.();
  }

  /** Nobody reads it: the connection is not kept waiting. */
  destroy(): void {
    if (this.#state === 'open') this.#flow.destroy();
  }

  /** @throws UpstreamFailure when it breaks off */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    try {
      while (true) {
        const chunk = this.#waiting.shift();
        if (chunk !== undefined) {
          this.#waitingBytes -= chunk.length;
          if (this.#paused && this.#waitingBytes === 0) {
            this.#paused = false;
            this.#flow.resume();
          }
          yield chunk;
          continue;
        }
        if (this.#state === 'ended') return;
        if (this.#state !== 'open') throw this.#state;
        await new Promise<void>(resolve => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      this.destroy();
    }
  }

  /**
   * All of it at once.
   *
   * @param hold - counts bytes as they come; what it throws ends the transfer
   * @throws UpstreamFailure when it breaks off, or is longer than `maxBytes`
   */
  async read(
    maxBytes: number,
    hold: (bytes: number) => void = () => {},
  ): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of this) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new UpstreamFailure(
          'broken',
          `its answer is longer than ${maxBytes} bytes`,
        );
      }
      hold(chunk.length);
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes);
  }
}
