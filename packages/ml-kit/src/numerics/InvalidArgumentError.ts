/** A caller's mistake: the message names what was given and what was expected. */
export class InvalidArgumentError extends Error {
  readonly name = 'InvalidArgumentError';
}
