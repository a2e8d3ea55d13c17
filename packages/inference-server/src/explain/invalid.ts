import { InferenceError } from '../domain/InferenceError';

export function invalid(message: string): InferenceError {
  return new InferenceError('invalid', message);
}
