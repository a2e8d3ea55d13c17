import type { LimitState } from '../domain/Admission';
import { InferenceError } from '../domain/InferenceError';

/** A key's limit is reached; other models would help no more than this one. */
export class LimitReachedError extends InferenceError {
  readonly state: LimitState;

  constructor(
    message: string,
    options: { state: LimitState; retryAfterSeconds: number },
  ) {
    const { retryAfterSeconds } = options;
    super('limit-reached', message, undefined, { retryAfterSeconds });
    this.name = 'LimitReachedError';
    this.state = options.state;
  }
}
