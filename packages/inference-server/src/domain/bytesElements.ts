import { isUtf8 } from 'node:buffer';
import { InferenceError } from './InferenceError';
import type { BytesElement, Tensor } from './tensor';

/** Surrogates that are not part of a pair. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Whether a text has a form in UTF-8, in which all texts travel. */
export function isWellFormed(text: string): boolean {
  return !HALF_PAIR.test(text);
}

/** Bytes as an element of a BYTES tensor. They are copied, so that no more than them is kept in memory. */
export function elementOfBytes(bytes: Uint8Array): BytesElement {
  if (!isUtf8(bytes)) return new Uint8Array(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
  );
}

/** What {@link elementOfBytes} was made of, to the byte. */
export function bytesOfElement(element: BytesElement): Uint8Array {
  return typeof element === 'string' ? Buffer.from(element, 'utf8') : element;
}

export function isSameElement(one: BytesElement, other: BytesElement): boolean {
  if (typeof one === 'string' || typeof other === 'string') {
    return one === other;
  }
  return Buffer.compare(one, other) === 0;
}

/** Where the first element is that is no text; -1 where all are. */
export function findRawBytes(data: readonly BytesElement[]): number {
  return data.findIndex(element => typeof element !== 'string');
}

/**
 * Refuses bytes that would not reach a model as they were sent: the runtime of the models that run
 * here takes UTF-8 only, and ends texts at a zero character.
 *
 * @throws InferenceError `invalid`, naming the input and the element.
 */
export function refuseRawBytes(inputs: readonly Tensor[]): void {
  for (let i = 0; i < inputs.length; i++) {
    const { name, data } = inputs[i];
    if (!Array.isArray(data)) continue;
    for (let at = 0; at < data.length; at++) {
      const element = data[at];
      if (typeof element !== 'string') {
        throw new InferenceError(
          'invalid',
          `input "${name}": element ${at} is no UTF-8, which models that run here take texts in: encode other bytes as text, such as base64`,
        );
      }
      if (element.includes('\0')) {
        throw new InferenceError(
          'invalid',
          `input "${name}": element ${at} has a zero character, expected text without one (BYTES)`,
        );
      }
    }
  }
}
