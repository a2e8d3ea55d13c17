import { InputError } from '@backstage/errors';
import { PayloadTooLargeError } from './PayloadTooLargeError';

/** No request has more levels; deeper ones only exhaust the stack of whoever walks them. */
const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Position of the quote that ends a string; the body's length when none does. */
function endOfString(body: Buffer, start: number): number {
  let close = start;
  for (;;) {
    close = body.indexOf(QUOTE, close + 1);
    if (close === -1) return body.length;
    let escapes = 0;
    while (body[close - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return close;
  }
}

/**
 * Says what a JSON body would cost before it is parsed: three bytes of `[],` become more than
 * a hundred in memory, and more yet where each of them is found wrong.
 *
 * @throws PayloadTooLargeError for more than `maxStructures` arrays and objects
 * @throws InputError for more than 64 levels
 */
export function checkJsonCost(body: Buffer, maxStructures: number): void {
  let structures = 0;
  let depth = 0;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (byte === QUOTE) i = endOfString(body, i);
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      structures++;
      depth++;
      if (structures > maxStructures) {
        throw new PayloadTooLargeError(
          `The body may have at most ${maxStructures} arrays and objects`,
        );
      }
      if (depth > MAX_DEPTH) {
        throw new InputError(
          `The body may be nested at most ${MAX_DEPTH} levels deep`,
        );
      }
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
  }
}
