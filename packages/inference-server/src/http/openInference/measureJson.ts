import { InferenceError } from '../../domain/InferenceError';

/** An array or object takes that many times as long to read as a number. */
const VALUES_PER_STRUCTURE = 4;
/** No tensor has more dimensions, and a request has a few levels around it. */
const MAX_DEPTH = 64;
const TENSOR_ADVICE =
  'send flat "data", fewer rows, or binary data ("binary_data_size")';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Where a string ends that starts at a quote; `end` when it does not. */
function endOfString(bytes: Buffer, start: number, end: number): number {
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH) i++;
  }
  return end;
}

/**
 * Counts what a JSON text would cost to parse, without parsing it: nothing else is
 * answered while that is done. Counts any text, and does not check that it is JSON.
 *
 * @param advice - what to do about too many; that for tensors when it is left out
 * @returns its values, where an array or object counts as several.
 * @throws InferenceError `too-large` beyond `maxValues`, or `invalid` when it is nested too deep.
 */
export function measureJson(
  bytes: Buffer,
  end: number,
  maxValues: number,
  advice?: string,
): number {
  let values = 0;
  let depth = 0;
  for (let i = 0; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) i = endOfString(bytes, i, end);
    else if (byte === COMMA) values++;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      values += VALUES_PER_STRUCTURE;
      depth++;
      if (depth > MAX_DEPTH) {
        throw new InferenceError(
          'invalid',
          `the body is nested deeper than ${MAX_DEPTH} levels at byte ${i}`,
        );
      }
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
    if (values > maxValues) throw tooManyValues(maxValues, { advice });
  }
  return values;
}

/**
 * @param options.why - undefined where the number alone is the reason
 * @param options.advice - what to do about it
 */
export function tooManyValues(
  maxValues: number,
  options: { why?: string; advice?: string } = {},
): InferenceError {
  const { why = '', advice = TENSOR_ADVICE } = options;
  return new InferenceError(
    'too-large',
    `the body's JSON has more than ${maxValues} values${why} (an array counts as ${VALUES_PER_STRUCTURE}), the most that this server takes: ${advice}`,
  );
}
