import { InferenceError } from '../domain/InferenceError';

export function tooLarge(maxBytes: number): InferenceError {
  return new InferenceError(
    'too-large',
    `the body is larger than ${maxBytes} bytes, which is the most that this server takes`,
  );
}
