import { InputError } from '@backstage/errors';

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** Bytes of an escape such as `\ud83d`. */
const ESCAPE_BYTES = 6;

/**
 * Looks through a JSON body for texts that PostgreSQL cannot store, and that no honest text has: with
 * a zero character, or with one half of a character (a lone surrogate, such as `\ud800`), which
 * would be refused in a JSON column and become another character in a text column.
 *
 * @remarks
 *
 * Of UTF-8 only escapes can make them: bytes that are none are read as U+FFFD.
 *
 * @param body - as it came, before it is parsed
 * @param encoding - in which it came, where that is known
 * @throws InputError that says what it has, or that it is not UTF-8
 */
export function refuseUnstorableTexts(body: Buffer, encoding = 'utf-8'): void {
  if (encoding !== 'utf-8') {
    throw new InputError(`The body is in ${encoding}: send JSON in UTF-8`);
  }
  const mayHaveThem = ['\\u0000', '\\ud', '\\uD'].some(it => body.includes(it));
  if (!mayHaveThem) return;
  /** The end of the escape of a first half that waits for its second one. */
  let openEnd: number | undefined;
  let at = body.indexOf(BACKSLASH);
  while (at !== -1) {
    if (openEnd !== undefined && at !== openEnd) throw halfCharacter();
    const isUnit = body[at + 1] === LETTER_U;
    const unit = isUnit ? readUnit(body, at) : undefined;
    if (unit === 0) {
      throw new InputError('The body has a zero character (\\u0000) in a text');
    }
    if (isSecondHalf(unit) !== (openEnd !== undefined)) throw halfCharacter();
    // An escape of two bytes may be that of a backslash: what follows is not escaped by it.
    const end = at + (isUnit ? ESCAPE_BYTES : 2);
    openEnd = isFirstHalf(unit) ? end : undefined;
    at = body.indexOf(BACKSLASH, end);
  }
  if (openEnd !== undefined) throw halfCharacter();
}

/** The four digits of an escape; NaN where they are none, which the parser will refuse. */
function readUnit(body: Buffer, at: number): number {
  return Number(`0x${body.toString('latin1', at + 2, at + ESCAPE_BYTES)}`);
}

function isFirstHalf(unit = NaN): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isSecondHalf(unit = NaN): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function halfCharacter(): InputError {
  return new InputError(
    'The body has one half of a character (a lone surrogate, such as \\ud800) in a text',
  );
}
