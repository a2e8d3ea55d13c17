/** The service answered, and not with what was asked for. */
export class ProviderError extends Error {
  /** HTTP status; what an error within a stream comes closest to. */
  readonly status: number;
  /** Seconds after which it may be tried again, as the service says. */
  readonly retryAfterSeconds: number | undefined;

  /** @param message - the service's own words, without secrets; shown to callers */
  constructor(
    message: string,
    options: { status: number; retryAfterSeconds?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'ProviderError';
    this.status = options.status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
