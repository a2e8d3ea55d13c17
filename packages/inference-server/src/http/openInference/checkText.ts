import { InferenceError } from '../../domain/InferenceError';
import type { TensorSpec } from '../../domain/tensor';

/** Surrogates that are not part of a pair. */
const HALF_PAIR = /\p{Surrogate}/u;

/**
 * Refuses texts that would not reach the model as they were sent: its runtime ends them at
 * a zero character, and takes UTF-8 only, in which half a surrogate pair has no form.
 *
 * @throws InferenceError `invalid`, naming the input and the element.
 */
export function checkText(text: string, index: number, spec: TensorSpec): void {
  let problem: string | undefined;
  if (text.includes('\0')) problem = 'has a zero character';
  else if (HALF_PAIR.test(text)) problem = 'has half a surrogate pair';
  if (problem === undefined) return;
  throw new InferenceError(
    'invalid',
    `input "${spec.name}": element ${index} ${problem}, expected text without one (BYTES)`,
  );
}
