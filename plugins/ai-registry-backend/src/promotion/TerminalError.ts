import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';

/** Trying again changes nothing: somebody has to do what the message says first. */
export class TerminalError extends Error {
  readonly name = 'TerminalError';
}

/** Whether a step that threw this is given up at once instead of being tried again. */
export function isTerminal(error: unknown): boolean {
  return [TerminalError, InputError, NotAllowedError, NotFoundError].some(
    kind => error instanceof kind,
  );
}
