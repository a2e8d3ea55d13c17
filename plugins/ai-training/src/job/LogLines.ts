import { formatBytes } from '@greenroom/ai-react';
import { logLines } from '../logs/logFiles';

export interface LogView {
  lines: readonly string[];
  /** Number of the first of them in the log, from 1. */
  firstLine: number;
  /** Lines before them, which are in the file. */
  dropped: number;
}

/**
 * The last lines of a log that grows: whole lines, and the beginning of the next one. Both are bounded: what is older is in
 * the file.
 */
export class LogLines {
  readonly #mostLines: number;
  readonly #mostCharacters: number;
  #lines: string[] = [];
  #rest = '';
  #dropped = 0;
  #nextByte: number | undefined;

  /**
   * @param mostLines - are kept
   * @param mostCharacters - of a line; a longer one is cut into several
   */
  constructor(options: { mostLines?: number; mostCharacters?: number } = {}) {
    this.#mostLines = options.mostLines ?? 5_000;
    this.#mostCharacters = options.mostCharacters ?? 16_384;
  }

  /**
   * Takes what comes next. What came before is left out, and where something is missing, a line says so.
   *
   * @param part - `fromByte`: where the text begins in the log; `nextByte`: what comes after it. They are not told from the
   * text, whose bytes may be none of UTF-8.
   */
  append(part: { text: string; fromByte: number; nextByte: number }): void {
    const { text, fromByte, nextByte } = part;
    const expected = this.#nextByte ?? 0;
    if (fromByte < expected) return;
    if (fromByte > expected) {
      this.#push(
        `... ${formatBytes(
          fromByte - expected,
        )} of the log were not kept ...\n`,
      );
    }
    this.#nextByte = nextByte;
    this.#push(text);
  }

  /** What there is now. */
  view(): LogView {
    const lines = this.#rest
      ? [...this.#lines, ...logLines(this.#rest, false)]
      : [...this.#lines];
    return { lines, firstLine: this.#dropped + 1, dropped: this.#dropped };
  }

  #push(text: string): void {
    const whole = this.#rest + text;
    const end = whole.lastIndexOf('\n') + 1;
    this.#rest = whole.slice(end);
    if (end > 0) this.#keep(logLines(whole.slice(0, end), false));
    while (this.#rest.length > this.#mostCharacters) {
      this.#keep([this.#rest.slice(0, this.#mostCharacters)]);
      this.#rest = this.#rest.slice(this.#mostCharacters);
    }
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      for (
        let at = 0;
        at === 0 || at < line.length;
        at += this.#mostCharacters
      ) {
        this.#lines.push(line.slice(at, at + this.#mostCharacters));
      }
    }
    const over = this.#lines.length - this.#mostLines;
    if (over <= 0) return;
    this.#lines.splice(0, over);
    this.#dropped += over;
  }
}
