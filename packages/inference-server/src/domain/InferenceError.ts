/** Why a request was not answered; each edge maps the kind to its own status. */
export type InferenceErrorKind =
  /** The request is malformed, or does not fit the model's signature. */
  | 'invalid'
  /** The request fits the signature, and the model cannot compute it. */
  | 'unprocessable'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'too-large'
  | 'unsupported'
  | 'not-ready'
  | 'overloaded'
  /** A limit is reached that time lifts. */
  | 'rate-limited'
  /** A limit of the caller's key is reached. */
  | 'limit-reached'
  /** The request alone may come to more than the whole limit of the caller's key. */
  | 'over-limit'
  /** What stands behind the model failed, or answered with nonsense. */
  | 'bad-gateway'
  /** What stands behind the model did not answer in time. */
  | 'gateway-timeout'
  | 'cancelled'
  /** The caller's own time was over before it was computed. */
  | 'deadline'
  | 'internal';

/** An error whose message may be shown to the caller: it never holds a key or a row. */
export class InferenceError extends Error {
  readonly kind: InferenceErrorKind;
  /** After which it may be tried again; undefined where nobody said. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: InferenceErrorKind,
    message: string,
    cause?: unknown,
    { retryAfterSeconds }: { retryAfterSeconds?: number } = {},
  ) {
    super(message, { cause });
    this.name = 'InferenceError';
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Why a model refuses an input that fits its signature, as far as its runtime says. */
export type RefusalReason = 'value' | 'shape' | 'unknown';

/** A model that computes other inputs refuses this one, or has computed none yet. */
export class RefusedInputError extends InferenceError {
  readonly reason: RefusalReason;

  constructor(options: {
    /** `internal` while it is not known whether the model computes anything. */
    kind: 'unprocessable' | 'internal';
    reason: RefusalReason;
    message: string;
    cause: unknown;
  }) {
    super(options.kind, options.message, options.cause);
    this.name = 'RefusedInputError';
    this.reason = options.reason;
  }
}
