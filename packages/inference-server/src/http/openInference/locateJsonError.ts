/** Where a text stops being JSON. */
export interface JsonErrorLocation {
  /** Characters before the place, from 0. */
  position: number;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  /** The character that stands there, quoted; undefined at the end of the text. */
  found: string | undefined;
}

const MAX_DEPTH = 512;
const NUMBER_PATTERN = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE_PATTERN = /[ \t\n\r]*/y;
// Pieces of a string, since one pattern for all of it would run out of stack on a long
// one. JSON allows no control characters but those from U+007F up.
const PLAIN_PATTERN = /(?:[^"\\\p{Cc}]|[\u007f-\u009f]){1,1000}/uy;
const ESCAPE_PATTERN = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LITERALS = ['true', 'false', 'null'];

/** Walks over JSON text until it breaks. */
class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns undefined when the whole text is one JSON value. */
  firstError(): number | undefined {
    if (!this.#value(0)) return this.#position;
    this.#match(SPACE_PATTERN);
    return this.#position === this.#text.length ? undefined : this.#position;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#position;
    if (!pattern.test(this.#text)) return false;
    this.#position = pattern.lastIndex;
    return true;
  }

  #take(character: string): boolean {
    this.#match(SPACE_PATTERN);
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #value(depth: number): boolean {
    if (depth > MAX_DEPTH) return false;
    if (this.#take('{')) {
      return this.#take('}') || this.#items('}', depth, true);
    }
    if (this.#take('[')) {
      return this.#take(']') || this.#items(']', depth, false);
    }
    for (const literal of LITERALS) {
      if (this.#text.startsWith(literal, this.#position)) {
        this.#position += literal.length;
        return true;
      }
    }
    return this.#string() || this.#match(NUMBER_PATTERN);
  }

  /** Goes nowhere unless there is a whole one. */
  #string(): boolean {
    const start = this.#position;
    if (this.#text[start] !== '"') return false;
    this.#position++;
    while (this.#match(PLAIN_PATTERN) || this.#match(ESCAPE_PATTERN));
    if (this.#text[this.#position] === '"') {
      this.#position++;
      return true;
    }
    this.#position = start;
    return false;
  }

  #items(end: string, depth: number, named: boolean): boolean {
    do {
      this.#match(SPACE_PATTERN);
      if (named && !(this.#string() && this.#take(':'))) {
        return false;
      }
      if (!this.#value(depth + 1)) return false;
    } while (this.#take(','));
    return this.#take(end);
  }
}

/**
 * Finds the place where a text stops being JSON, which the platform's own parser only
 * sometimes tells.
 *
 * @returns undefined for valid JSON.
 */
export function locateJsonError(text: string): JsonErrorLocation | undefined {
  const position = new Scanner(text).firstError();
  if (position === undefined) return undefined;
  let line = 1;
  let lineStart = 0;
  for (;;) {
    const next = text.indexOf('\n', lineStart) + 1;
    if (next === 0 || next > position) break;
    line++;
    lineStart = next;
  }
  const found =
    position < text.length ? JSON.stringify(text[position]) : undefined;
  return { position, line, column: position - lineStart + 1, found };
}
