import { Metadata, status } from '@grpc/grpc-js';
import {
  InferenceError,
  type InferenceErrorKind,
} from '../domain/InferenceError';

const CODE_BY_KIND: Record<InferenceErrorKind, status> = {
  invalid: status.INVALID_ARGUMENT,
  unprocessable: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  'not-found': status.NOT_FOUND,
  'too-large': status.RESOURCE_EXHAUSTED,
  unsupported: status.UNIMPLEMENTED,
  'not-ready': status.UNAVAILABLE,
  overloaded: status.UNAVAILABLE,
  'rate-limited': status.RESOURCE_EXHAUSTED,
  'limit-reached': status.RESOURCE_EXHAUSTED,
  'over-limit': status.INVALID_ARGUMENT,
  'bad-gateway': status.UNAVAILABLE,
  'gateway-timeout': status.DEADLINE_EXCEEDED,
  cancelled: status.CANCELLED,
  deadline: status.DEADLINE_EXCEEDED,
  internal: status.INTERNAL,
};

const MILLIS_PER_SECOND = 1_000;
/** Characters, each of which is up to nine bytes in a header. */
const MOST_DETAILS = 2_000;

/** What gRPC calls anything that was thrown; what is not meant for callers is not told to them. */
export function statusCode(error: unknown): {
  code: status;
  details: string;
  metadata?: Metadata;
} {
  if (!(error instanceof InferenceError)) {
    return { code: status.INTERNAL, details: 'internal error' };
  }
  const { kind, message, retryAfterSeconds } = error;
  const said = { code: CODE_BY_KIND[kind], details: asDetails(message) };
  if (retryAfterSeconds === undefined) return said;
  const metadata = new Metadata();
  metadata.set('retry-after', String(Math.ceil(retryAfterSeconds)));
  // gRPC's own clients wait that long, where they are configured to try again.
  metadata.set(
    'grpc-retry-pushback-ms',
    String(Math.ceil(retryAfterSeconds * MILLIS_PER_SECOND)),
  );
  return { ...said, metadata };
}

/**
 * Details travel in a header: the library throws where they hold half a surrogate pair, such as is left
 * where a caller's text was cut, and a long one fits into no frame.
 */
function asDetails(message: string): string {
  const short =
    message.length > MOST_DETAILS
      ? `${message.slice(0, MOST_DETAILS)} ...`
      : message;
  // UTF-8 has no half pairs.
  return Buffer.from(short).toString();
}
