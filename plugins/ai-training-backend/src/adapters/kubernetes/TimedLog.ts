const LINE_END = 0x0a;
const SPACE = 0x20;
/** Longest time that is looked for at the beginning of a line. */
const MOST_TIME_BYTES = 64;
const SECOND_MILLIS = 1_000;
/** So much may a node's streams be out of order. */
const WINDOW_MILLIS = 1_000;

interface Line {
  /** As the server tells it. */
  time: string;
  /** The whole second that it is of. */
  secondMillis: number;
}

/**
 * Takes the times off a log that is told with them, and leaves out what was had before where it is told again: not a
 * byte is lost and none comes twice, also where a line was cut, lines have the same time, or a node's two streams are
 * not in order.
 *
 * Servers leave lines out that are older than a whole second, so that what is told again from the second before the
 * newest one on begins with the lines since then that were had before, in their order.
 */
export class TimedLog {
  /** The second before the newest one of which there was a line. */
  #sinceMillis: number | undefined;
  /** Since then, in order. */
  #lines: Line[] = [];
  /** How many of `#lines` are to come again before anything is new. */
  #toSkip = 0;
  /** Bytes that were had of the last line while its end was not; undefined where it is whole. */
  #openBytes: number | undefined;
  /** What may be the time of the next line. */
  #prefix: number[] = [];
  #state: 'prefix' | 'content' | 'skipping' = 'prefix';
  /** Of the line that comes again, how many were had. */
  #skipBytes = 0;

  /**
   * The log is told again from now on.
   *
   * @returns ISO 8601, since when; undefined for all of it
   */
  begin(): string | undefined {
    this.#prefix = [];
    this.#state = 'prefix';
    this.#skipBytes = 0;
    this.#toSkip = this.#lines.length;
    return this.#sinceMillis === undefined
      ? undefined
      : new Date(this.#sinceMillis).toISOString();
  }

  /** @returns what is new of it, without the times */
  take(chunk: Buffer): Buffer {
    const parts: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === 'prefix') at = this.#takePrefix(chunk, at, parts);
      else at = this.#takeContent(chunk, at, parts);
    }
    return Buffer.concat(parts);
  }

  #takePrefix(chunk: Buffer, from: number, parts: Buffer[]): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === SPACE) {
        const text = String.fromCharCode(...this.#prefix);
        this.#prefix = [];
        const millis = Date.parse(text);
        if (Number.isNaN(millis)) {
          this.#beginUntimed(Buffer.from(`${text} `, 'latin1'), parts);
        } else this.#beginLine(text, millis);
        return at + 1;
      }
      this.#prefix.push(byte);
      if (byte === LINE_END || this.#prefix.length > MOST_TIME_BYTES) {
        const text = Buffer.from(this.#prefix);
        this.#prefix = [];
        this.#beginUntimed(text, parts);
        if (byte === LINE_END) this.#endLine();
        return at + 1;
      }
    }
    return chunk.length;
  }

  /** What has no time is not of the log, but of who tells it; it is kept, for whoever reads. */
  #beginUntimed(text: Buffer, parts: Buffer[]): void {
    this.#state = this.#toSkip > 0 ? 'skipping' : 'content';
    if (this.#state === 'content') parts.push(text);
  }

  #beginLine(time: string, millis: number): void {
    if (this.#toSkip > 0) {
      const from = this.#lines.length - this.#toSkip;
      const known = this.#lines.findIndex(
        (line, index) => index >= from && line.time === time,
      );
      if (known >= 0) {
        // Those before it are gone where the node has begun another file.
        this.#toSkip = this.#lines.length - known - 1;
        const isOpen = this.#toSkip === 0 && this.#openBytes !== undefined;
        this.#state = isOpen ? 'content' : 'skipping';
        this.#skipBytes = isOpen ? this.#openBytes ?? 0 : 0;
        return;
      }
      this.#toSkip = 0;
    }
    this.#openBytes = this.#keep(time, millis) ? 0 : undefined;
    this.#state = 'content';
  }

  /** @returns whether it is told again when the log is */
  #keep(time: string, millis: number): boolean {
    const secondMillis = Math.floor(millis / SECOND_MILLIS) * SECOND_MILLIS;
    const sinceMillis = secondMillis - WINDOW_MILLIS;
    if (this.#sinceMillis === undefined || sinceMillis > this.#sinceMillis) {
      this.#sinceMillis = sinceMillis;
      this.#lines = this.#lines.filter(
        line => line.secondMillis >= sinceMillis,
      );
    }
    if (secondMillis < this.#sinceMillis) return false;
    this.#lines.push({ time, secondMillis });
    return true;
  }

  #takeContent(chunk: Buffer, from: number, parts: Buffer[]): number {
    const end = chunk.indexOf(LINE_END, from);
    const until = end < 0 ? chunk.length : end + 1;
    if (this.#state === 'content') {
      const had = Math.min(this.#skipBytes, until - from);
      this.#skipBytes -= had;
      const piece = chunk.subarray(from + had, until);
      parts.push(piece);
      if (this.#openBytes !== undefined) this.#openBytes += piece.length;
    }
    if (end >= 0) this.#endLine();
    return until;
  }

  #endLine(): void {
    if (this.#state === 'content') this.#openBytes = undefined;
    this.#state = 'prefix';
    this.#skipBytes = 0;
  }
}
