import { InputError } from '@backstage/errors';

export type Quote = "'" | '"' | '`';

/** A piece of a filter; `at` counts characters from 0, and `text` is as it was written. */
export type Token =
  | { type: 'word'; text: string; at: number }
  | { type: 'quoted'; text: string; at: number; quote: Quote; value: string }
  | { type: 'number'; text: string; at: number; value: number }
  | { type: 'operator'; text: string; at: number }
  | { type: 'symbol'; text: string; at: number };

const SPACE = /\s/;
const WORD_START = /[\p{L}_]/u;
const WORD_PART = /[\p{L}\p{M}\p{N}_$#@]/u;
const OPERATOR_PARTS = '=<>!~';
const NUMBER = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
/** Of what is quoted back in an error. */
const MAX_SHOWN = 60;

/**
 * Cuts a filter into its pieces.
 *
 * @throws InputError where a quote is not closed, or a character stands that has no meaning
 */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (SPACE.test(text[at])) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/** Says what is wrong, and where; in the words that clients of MLflow look for. */
export function invalidClause(
  text: string,
  at: number,
  expected: string,
): InputError {
  const rest = text.slice(at);
  const shown =
    rest.length > MAX_SHOWN ? `${rest.slice(0, MAX_SHOWN)}...` : rest;
  return new InputError(
    shown === ''
      ? `Invalid comparison clause. The filter ends at character ${at}: expected ${expected}`
      : `Invalid clause(s) in filter string: '${shown}' at character ${
          at + 1
        }: expected ${expected}`,
  );
}

function tokenAt(text: string, at: number): Token {
  const character = text[at];
  if (character === "'" || character === '"' || character === '`') {
    return quotedAt(text, at, character);
  }
  NUMBER.lastIndex = at;
  const number = NUMBER.exec(text)?.[0];
  if (number !== undefined && !isKeyAfterDot(text, at)) {
    return { type: 'number', text: number, at, value: Number(number) };
  }
  if (WORD_START.test(codePointAt(text, at))) {
    return { type: 'word', text: takeWhile(text, at, isWordPart), at };
  }
  if (OPERATOR_PARTS.includes(character)) {
    return { type: 'operator', text: takeWhile(text, at, isOperatorPart), at };
  }
  if ('.,();'.includes(character)) {
    return { type: 'symbol', text: character, at };
  }
  throw invalidClause(
    text,
    at,
    'a field, a comparator or a value; keys with other characters than letters, digits and _ stand in back-ticks',
  );
}

/** The dot of `metrics.5` begins no number. */
function isKeyAfterDot(text: string, at: number): boolean {
  return text[at] === '.' && at > 0 && /[\p{L}\p{N}_`"]/u.test(text[at - 1]);
}

/** A quote within is written twice. */
function quotedAt(text: string, at: number, quote: Quote): Token {
  let value = '';
  let next = at + 1;
  while (next < text.length) {
    if (text[next] !== quote) {
      value += text[next];
      next += 1;
    } else if (text[next + 1] === quote) {
      value += quote;
      next += 2;
    } else {
      checkStorable(text, at, value);
      const written = text.slice(at, next + 1);
      return { type: 'quoted', text: written, at, quote, value };
    }
  }
  throw invalidClause(text, at, `a closing ${quote}`);
}

function checkStorable(text: string, at: number, value: string): void {
  if (value.includes('\u0000')) {
    throw invalidClause(text, at, 'a text without the character NUL');
  }
}

function takeWhile(
  text: string,
  from: number,
  isPart: (character: string) => boolean,
): string {
  let end = from;
  while (end < text.length) {
    const character = codePointAt(text, end);
    if (!isPart(character)) break;
    end += character.length;
  }
  return text.slice(from, end);
}

function codePointAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at)!);
}

function isWordPart(character: string): boolean {
  return WORD_PART.test(character);
}

function isOperatorPart(character: string): boolean {
  return OPERATOR_PARTS.includes(character);
}
