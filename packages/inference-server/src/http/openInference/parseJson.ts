import { InferenceError } from '../../domain/InferenceError';
import { locateJsonError } from './locateJsonError';
import { tooManyValues } from './measureJson';

/** Digits that are not behind a decimal point, more than a double is sure to hold. */
const LONG_INTEGER_PATTERN = /(?<![.0-9])[0-9]{16}/;
/** The longest 64-bit integer, with its sign; a longer one is out of range in any case. */
const MAX_INTEGER_DIGITS = 20;
/** Longest text in which the place of an error is looked for. */
const MAX_LOCATED_CHARACTERS = 1024 * 1024;
/** Keeping long integers exact is ten times slower. */
const MAX_VALUES_EXACT = 100_000;
const INTEGER_PATTERN = /^-?[0-9]+$/;

/** The third argument of a reviver: the number's own text (ECMAScript 2025). */
interface ReviverContext {
  source?: string;
}

function keepLongIntegers(
  _key: string,
  value: unknown,
  context?: ReviverContext,
): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined &&
    source.length <= MAX_INTEGER_DIGITS &&
    INTEGER_PATTERN.test(source)
    ? BigInt(source)
    : value;
}

/**
 * Parses a request body.
 *
 * @param longIntegers - keep integers beyond 2^53 exact, as BigInt; costs a slower parse
 *   for texts that have one
 * @param values - as far as they were counted
 * @param whereShort - said of a text that ends too early: why that may be
 * @throws InferenceError `invalid`, saying where the text stops being JSON; `too-large`
 *   when there is too much to keep exact.
 */
export function parseJson(
  text: string,
  options: { longIntegers: boolean; values: number; whereShort?: string },
): unknown {
  const { whereShort = '' } = options;
  const exact = options.longIntegers && LONG_INTEGER_PATTERN.test(text);
  if (exact && options.values > MAX_VALUES_EXACT) {
    throw tooManyValues(MAX_VALUES_EXACT, {
      why: ' with integers of 16 digits and more among them',
    });
  }
  try {
    return exact ? JSON.parse(text, keepLongIntegers) : JSON.parse(text);
  } catch (error) {
    if (text.trim() === '') {
      throw new InferenceError(
        'invalid',
        `the body is empty: expected a JSON object with "inputs"${whereShort}`,
      );
    }
    throw new InferenceError(
      'invalid',
      `the body is not JSON${describePlace(text, whereShort)}`,
      error,
    );
  }
}

function describePlace(text: string, whereShort: string): string {
  // Looking takes longer than parsing did.
  if (text.length > MAX_LOCATED_CHARACTERS) return whereShort;
  const place = locateJsonError(text);
  if (place === undefined) return ' that can be read';
  const { found, position, line, column } = place;
  const at = `position ${position} (line ${line}, column ${column})`;
  return found === undefined
    ? `: it ends too early, at ${at}${whereShort}`
    : `: unexpected ${found} at ${at}`;
}
