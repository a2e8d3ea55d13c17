import { CustomErrorBase, isError } from '@backstage/errors';

/** The disk has no room for the artifact; answered with 507. */
export class InsufficientStorageError extends CustomErrorBase {
  name = 'InsufficientStorageError' as const;
  readonly statusCode = 507;
}

/** Turns the errors of a full disk into one that says what to do; others stay as they are. */
export function explainWriteError(error: unknown, directory: string): unknown {
  const code = errorCodeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new InsufficientStorageError(
        `The disk of the artifact folder ${directory} is full: free space, or move the folder with aiRegistry.artifacts.directory`,
      )
    : error;
}

/** The system's name for what went wrong, such as `ENOENT`. */
export function errorCodeOf(error: unknown): unknown {
  return isError(error) ? error.code : undefined;
}
