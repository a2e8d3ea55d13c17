import { InputError } from '@backstage/errors';
import { invalidClause, type Token, tokensOf } from './tokens';

/** More would make statements that no database server plans in time. */
const MAX_CONDITIONS = 100;

/** Something that looks like a field: `metrics.loss`, `tags."a b"`, `status`. */
export interface WrittenField {
  prefix?: string;
  key: string;
  text: string;
}

/** What stands right of a comparator. */
export type WrittenValue =
  | { type: 'none' }
  | { type: 'text'; text: string; value: string }
  | { type: 'number'; text: string; value: number; isInteger: boolean }
  | { type: 'bare'; text: string }
  | { type: 'list'; text: string; items: WrittenValue[] };

/** A comparison that is well-formed, and may yet mean nothing. */
export interface WrittenCondition {
  field: WrittenField;
  comparator: string;
  value: WrittenValue;
}

/** Recursive descent; each method reads one rule of the grammar, from left to right. */
export class FilterReader {
  readonly #text: string;
  readonly #tokens: Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  get isAtEnd(): boolean {
    return this.#next === this.#tokens.length;
  }

  /** `filter = [condition {"AND" condition}]` */
  readAll(): WrittenCondition[] {
    if (this.isAtEnd) return [];
    const conditions = [this.#readCondition()];
    while (!this.isAtEnd) {
      if (this.#isSymbol(';')) {
        throw new InputError(
          `Search filter contained multiple expression '${
            this.#text
          }'. Provide AND-ed expression list.`,
        );
      }
      if (!this.#takeWord('AND')) throw this.#wrong('AND, or the end');
      conditions.push(this.#readCondition());
      if (conditions.length > MAX_CONDITIONS) {
        throw new InputError(
          `Invalid filter string: it has more than ${MAX_CONDITIONS} comparisons, search in several steps`,
        );
      }
    }
    return conditions;
  }

  /** `field = part {"." part}` */
  readField(): WrittenField {
    const start = this.#at;
    const parts = [this.#readFieldPart()];
    while (this.#isSymbol('.')) {
      this.#next += 1;
      parts.push(this.#readFieldPart());
    }
    const text = this.#text.slice(start, this.#endOfLast);
    if (parts.length === 1) return { key: parts[0], text };
    const [prefix, ...key] = parts;
    return { prefix, key: key.join('.'), text };
  }

  /** `condition = field comparator [value]` */
  #readCondition(): WrittenCondition {
    const field = this.readField();
    const comparator = this.#readComparator();
    const value: WrittenValue = comparator.startsWith('IS ')
      ? { type: 'none' }
      : this.#readValue();
    return { field, comparator, value };
  }

  #readFieldPart(): string {
    const token = this.#token;
    if (token?.type === 'word') {
      this.#next += 1;
      return token.text;
    }
    if (token?.type === 'quoted' && token.quote !== "'") {
      this.#next += 1;
      return token.value;
    }
    throw this.#wrong('a field such as metrics.loss or tags.`my tag`');
  }

  /** `comparator = operator | "LIKE" | "ILIKE" | ["NOT"] "IN" | "IS" ["NOT"] "NULL"` */
  #readComparator(): string {
    const start = this.#next;
    const token = this.#token;
    if (token?.type === 'operator') {
      this.#next += 1;
      return token.text;
    }
    for (const word of ['LIKE', 'ILIKE', 'IN']) {
      if (this.#takeWord(word)) return word;
    }
    if (this.#takeWord('NOT') && this.#takeWord('IN')) return 'NOT IN';
    if (this.#takeWord('IS')) {
      const not = this.#takeWord('NOT');
      if (this.#takeWord('NULL')) return not ? 'IS NOT NULL' : 'IS NULL';
    }
    this.#next = start;
    throw this.#wrong('a comparator such as =, !=, < or LIKE');
  }

  /** `value = quoted | number | list` */
  #readValue(): WrittenValue {
    const token = this.#token;
    if (token?.type === 'number') {
      this.#next += 1;
      return {
        type: 'number',
        text: token.text,
        value: token.value,
        isInteger: /^-?\d+$/.test(token.text),
      };
    }
    if (token?.type === 'quoted' && token.quote !== '`') {
      this.#next += 1;
      return { type: 'text', text: token.text, value: token.value };
    }
    if (token?.type === 'word' || token?.type === 'quoted') {
      return { type: 'bare', text: this.readField().text };
    }
    if (this.#isSymbol('(')) return this.#readList();
    throw this.#wrong('a value: a number, or a text in quotes');
  }

  /** `list = "(" [value {"," value} [","]] ")"` */
  #readList(): WrittenValue {
    const start = this.#at;
    this.#next += 1;
    const items: WrittenValue[] = [];
    while (!this.#isSymbol(')')) {
      if (this.#isSymbol('(')) throw this.#wrong('a text in quotes');
      items.push(this.#readValue());
      if (this.#isSymbol(',')) this.#next += 1;
      else if (!this.#isSymbol(')')) throw this.#wrong(', or )');
    }
    this.#next += 1;
    const text = this.#text.slice(start, this.#endOfLast);
    return { type: 'list', text, items };
  }

  #takeWord(word: string): boolean {
    const token = this.#token;
    if (token?.type !== 'word' || token.text.toUpperCase() !== word) {
      return false;
    }
    this.#next += 1;
    return true;
  }

  #isSymbol(symbol: string): boolean {
    const token = this.#token;
    return token?.type === 'symbol' && token.text === symbol;
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#next];
  }

  get #at(): number {
    return this.#token?.at ?? this.#text.length;
  }

  get #endOfLast(): number {
    const { at, text } = this.#tokens[this.#next - 1];
    return at + text.length;
  }

  #wrong(expected: string): InputError {
    return invalidClause(this.#text, this.#at, expected);
  }
}
