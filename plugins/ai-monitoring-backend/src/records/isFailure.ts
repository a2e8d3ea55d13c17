const STATUS_RATE_LIMITED = 429;

/**
 * Whether a request failed that was not refused for a limit of its caller's key: then a 429 is a
 * provider's, and the caller has done nothing wrong.
 */
export function isFailure(status: number): boolean {
  return status >= 500 || status === STATUS_RATE_LIMITED;
}
