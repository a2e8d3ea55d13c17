import {
  InferenceError,
  RefusedInputError,
  type InferenceErrorKind,
  type RefusalReason,
} from '../../domain/InferenceError';

/** An error as it crosses from one thread to another, where classes are lost. */
export interface PlainError {
  message: string;
  stack: string | undefined;
  /** Undefined for one that is not meant for callers. */
  kind?: InferenceErrorKind;
  retryAfterSeconds?: number;
  /** Of a refused input. */
  reason?: RefusalReason;
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) {
    return { message: String(error), stack: undefined };
  }
  const { message, stack } = error;
  if (!(error instanceof InferenceError)) return { message, stack };
  const { kind, retryAfterSeconds } = error;
  const reason = error instanceof RefusedInputError ? error.reason : undefined;
  return { message, stack, kind, retryAfterSeconds, reason };
}

export function fromPlainError(plain: PlainError): Error {
  const error = toError(plain);
  // Where it came from, instead of where it arrived.
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}

function toError(plain: PlainError): Error {
  const { message, kind, reason, retryAfterSeconds } = plain;
  if (kind === undefined) return new Error(message);
  const refused = kind === 'unprocessable' || kind === 'internal';
  if (reason !== undefined && refused) {
    return new RefusedInputError({ kind, reason, message, cause: undefined });
  }
  return new InferenceError(kind, message, undefined, { retryAfterSeconds });
}
