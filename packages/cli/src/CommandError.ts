/** The command cannot be carried out; the message says why and what to do. */
export class CommandError extends Error {
  /** Of the process. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** As shells count: failed, used wrongly, waited too long, stopped by Ctrl+C. */
export const EXIT_CODES = {
  failed: 1,
  usage: 2,
  timedOut: 3,
  interrupted: 130,
} as const;

export function usageError(message: string): CommandError {
  return new CommandError(
    `${message}; greenroom --help says what there is`,
    EXIT_CODES.usage,
  );
}

export function failure(message: string): CommandError {
  return new CommandError(message, EXIT_CODES.failed);
}
