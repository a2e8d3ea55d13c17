import { InferenceError } from '../../domain/InferenceError';
import { locateJsonError } from './locateJsonError';

const LONG_INTEGER_PATTERN = /[0-9]{16}/;
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
  return source !== undefined && INTEGER_PATTERN.test(source)
    ? BigInt(source)
    : value;
}

/**
 * Parses a request body.
 *
 * @param longIntegers - keep integers beyond 2^53 exact, as BigInt; costs a slower parse
 *   for texts that have one
 * @throws InferenceError `invalid`, saying where the text stops being JSON.
 */
export function parseJson(
  text: string,
  options: { longIntegers: boolean },
): unknown {
  try {
    return options.longIntegers && LONG_INTEGER_PATTERN.test(text)
      ? JSON.parse(text, keepLongIntegers)
      : JSON.parse(text);
  } catch (error) {
    if (text.trim() === '') {
      throw new InferenceError(
        'invalid',
        'the body is empty: expected a JSON object with "inputs"',
      );
    }
    const place = locateJsonError(text);
    throw new InferenceError(
      'invalid',
      place
        ? `the body is not JSON: unexpected ${place.found} at position ${place.position} (line ${place.line}, column ${place.column})`
        : 'the body is not JSON that can be read',
      error,
    );
  }
}
