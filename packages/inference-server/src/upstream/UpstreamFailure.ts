/** How a call to an upstream service failed before it answered, or while it did. */
export type UpstreamFailureKind =
  /** No connection, or none that can be trusted. Nothing was sent. */
  | 'unreachable'
  /** It took too long. */
  | 'timeout'
  /** The answer broke off, or is none. */
  | 'broken'
  /** Nobody waits for the answer any more. */
  | 'cancelled';

/** A call that got no whole answer. The message says why, and holds no header and no body. */
export class UpstreamFailure extends Error {
  readonly kind: UpstreamFailureKind;

  constructor(kind: UpstreamFailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UpstreamFailure';
    this.kind = kind;
  }
}
