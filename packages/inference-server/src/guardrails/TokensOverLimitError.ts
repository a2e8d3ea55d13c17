import { InferenceError } from '../domain/InferenceError';

/** A request that may come to more than its key's whole limit: waiting does not help. */
export class TokensOverLimitError extends InferenceError {
  constructor(message: string) {
    super('over-limit', message);
    this.name = 'TokensOverLimitError';
  }
}
