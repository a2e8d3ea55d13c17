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

/** What the process ends with when it was not done; 130 as shells count Ctrl+C. */
export const EXIT_CODES = {
  /** It could not be done, or was refused. */
  failed: 1,
  usage: 2,
  /** It was waited for too long. */
  timedOut: 3,
  /** What was named is not there, or the caller may not see it. */
  notFound: 4,
  /** The portal does not answer. */
  unreachable: 5,
  /** What was waited for was cancelled by somebody. */
  cancelled: 6,
  interrupted: 130,
} as const;

/** What they mean, for the help of commands. */
export const EXIT_CODES_HELP = `Exit codes: 0 done, 1 it could not be done or was refused, 2 wrong usage, 3 waited
too long, 4 what was named is not there, 5 the portal does not answer, 6 the training
job was cancelled, 130 stopped by Ctrl+C`;

export function usageError(message: string): CommandError {
  return new CommandError(
    `${message}; greenroom --help says what there is`,
    EXIT_CODES.usage,
  );
}

export function failure(message: string): CommandError {
  return new CommandError(message, EXIT_CODES.failed);
}

/** What was named is not there. */
export function notFound(message: string): CommandError {
  return new CommandError(message, EXIT_CODES.notFound);
}
