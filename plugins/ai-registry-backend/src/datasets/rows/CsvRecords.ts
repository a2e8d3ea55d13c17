import { InputError } from '@backstage/errors';
import { type Line, MAX_LINE_BYTES } from './Lines';

/** One record of a CSV file. */
export interface CsvRecord {
  /** Line that it begins in. */
  line: number;
  /** Undefined where nothing is written; `""` is an empty text. */
  values: (string | undefined)[];
}

/** A quoted value that goes on in the next line. */
interface OpenRecord {
  line: number;
  values: (string | undefined)[];
  quoted: string;
}

/** Between a value and the next one, where the line may end. */
type Place = { at: number; ended: boolean };

/**
 * Takes the lines of a CSV file apart (RFC 4180): commas between values; quotes around those with
 * a comma, a quote or a line break; the quotes in them doubled. Lines may end in CRLF, and empty
 * ones are passed over.
 */
export class CsvRecords {
  #open: OpenRecord | undefined;

  /**
   * @returns undefined when the record goes on in the next line, or the line is empty
   * @throws InputError that names the line, and never says what is in it
   */
  take({ number, text }: Line): CsvRecord | undefined {
    if (this.#open) return this.#goOn(this.#open, text);
    const line = withoutReturn(text);
    if (line === '') return undefined;
    if (!line.includes('"')) {
      return { line: number, values: line.split(',').map(plainValue) };
    }
    return this.#read({ line: number, values: [] }, text, 0);
  }

  /** @throws InputError when a value was never ended */
  end(): void {
    if (this.#open) {
      throw new InputError(
        `line ${
          this.#open.line
        }: a value begins with a quote that nothing ends: end it with another one`,
      );
    }
  }

  #goOn(open: OpenRecord, text: string): CsvRecord | undefined {
    const { line, values } = open;
    if (open.quoted.length + text.length > MAX_LINE_BYTES) {
      throw new InputError(
        `line ${line}: a value is longer than ${MAX_LINE_BYTES} characters: shorten it, or end its quote`,
      );
    }
    this.#open = undefined;
    const place = this.#readQuoted(
      { line, values },
      text,
      0,
      `${open.quoted}\n`,
    );
    if (!place) return undefined;
    return place.ended
      ? { line, values }
      : this.#read({ line, values }, text, place.at);
  }

  #read(record: CsvRecord, text: string, from: number): CsvRecord | undefined {
    const end = withoutReturn(text).length;
    let at = from;
    for (;;) {
      if (text[at] === '"') {
        const place = this.#readQuoted(record, text, at + 1, '');
        if (!place) return undefined;
        if (place.ended) return record;
        at = place.at;
        continue;
      }
      const comma = text.indexOf(',', at);
      const value = text.slice(at, comma === -1 ? end : comma);
      if (value.includes('"')) {
        throw new InputError(
          `line ${record.line}: value ${
            record.values.length + 1
          } has a quote in its middle: put the whole value in quotes, and double those in it`,
        );
      }
      record.values.push(plainValue(value));
      if (comma === -1) return record;
      at = comma + 1;
    }
  }

  /** @returns undefined when the value goes on in the next line */
  #readQuoted(
    record: CsvRecord,
    text: string,
    from: number,
    before: string,
  ): Place | undefined {
    let value = before;
    let at = from;
    for (;;) {
      const quote = text.indexOf('"', at);
      if (quote === -1) {
        this.#open = { ...record, quoted: value + text.slice(at) };
        return undefined;
      }
      value += text.slice(at, quote);
      if (text[quote + 1] !== '"') {
        record.values.push(value);
        return this.#afterQuoted(record, text, quote + 1);
      }
      value += '"';
      at = quote + 2;
    }
  }

  #afterQuoted(record: CsvRecord, text: string, at: number): Place {
    const rest = withoutReturn(text.slice(at));
    if (rest === '') return { at, ended: true };
    if (rest[0] === ',') return { at: at + 1, ended: false };
    throw new InputError(
      `line ${record.line}: after the quote that ends value ${record.values.length} a comma is expected: double the quotes within a value`,
    );
  }
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

function plainValue(text: string): string | undefined {
  return text === '' ? undefined : text;
}
