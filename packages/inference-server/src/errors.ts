/** What a thrown thing says, for a log or a report. */
export function errorMessage(error: unknown): string {
  // A host with several addresses fails once for each, and the whole says nothing.
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(errorMessage).join('; ');
  }
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}

/** `ENOENT`, `ERR_BUFFER_TOO_LARGE` and the like; undefined for an error without a code. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : undefined;
}
