import type { LimitStates } from '../domain/Admission';
import { InferenceError } from '../domain/InferenceError';

/** A key's limit is reached; other models would help no more than this one. */
export class LimitReachedError extends InferenceError {
  readonly states: LimitStates;

  constructor(
    message: string,
    options: { states: LimitStates; retryAfterSeconds: number },
  ) {
    const { retryAfterSeconds } = options;
    super('limit-reached', message, undefined, { retryAfterSeconds });
    this.name = 'LimitReachedError';
    this.states = options.states;
  }
}
