import { stripVTControlCharacters } from 'node:util';
import { withoutControls } from '../output/table';

/** A line that is longer is printed in parts. */
const MOST_CHARACTERS = 64 * 1024;

/** Prints what comes in parts line by line. */
export class LogPrinter {
  readonly #print: (text: string) => void;
  readonly #isTerminal: boolean;
  #rest = '';

  /** @param options.isTerminal - colours and movements of the cursor are left out then: others wrote them */
  constructor(options: { print(text: string): void; isTerminal: boolean }) {
    this.#print = options.print;
    this.#isTerminal = options.isTerminal;
  }

  add(text: string): void {
    this.#rest += text;
    const end = this.#rest.lastIndexOf('\n');
    if (end >= 0) {
      this.#say(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end + 1);
    }
    if (this.#rest.length > MOST_CHARACTERS) this.end();
  }

  /** Prints what has no end of a line yet. */
  end(): void {
    if (this.#rest === '') return;
    this.#say(this.#rest);
    this.#rest = '';
  }

  #say(text: string): void {
    this.#print(
      this.#isTerminal
        ? withoutControls(
            // A line that was written over again and again is a line each time.
            stripVTControlCharacters(text).replaceAll(/\r+\n?/g, '\n'),
          )
        : text,
    );
  }
}
