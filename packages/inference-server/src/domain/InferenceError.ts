/** Why a request was not answered; each edge maps the kind to its own status. */
export type InferenceErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'too-large'
  | 'unsupported'
  | 'not-ready'
  | 'overloaded'
  | 'cancelled'
  | 'internal';

/** An error whose message may be shown to the caller: it never holds a key or a row. */
export class InferenceError extends Error {
  readonly kind: InferenceErrorKind;

  constructor(kind: InferenceErrorKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'InferenceError';
    this.kind = kind;
  }
}
