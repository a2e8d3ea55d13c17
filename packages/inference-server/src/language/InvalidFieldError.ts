import { InferenceError } from '../domain/InferenceError';

/** A request whose fault lies in one field. */
export class InvalidFieldError extends InferenceError {
  /** As OpenAI's errors name it, such as `messages.0.content`. */
  readonly param: string;

  constructor(param: string, expected: string) {
    super('invalid', `${param}: ${expected}`);
    this.name = 'InvalidFieldError';
    this.param = param;
  }
}
