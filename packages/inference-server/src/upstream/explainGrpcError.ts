import { status } from '@grpc/grpc-js';
import { explainUnreachable } from './explainNetworkError';
import type { UpstreamTimes } from './Upstream';
import { UpstreamFailure } from './UpstreamFailure';

/** What HTTP calls each status of gRPC, by what has to become of the call. */
const HTTP_STATUS: Record<number, number> = {
  [status.CANCELLED]: 502,
  [status.UNKNOWN]: 500,
  [status.INVALID_ARGUMENT]: 400,
  [status.DEADLINE_EXCEEDED]: 504,
  [status.NOT_FOUND]: 404,
  [status.ALREADY_EXISTS]: 409,
  [status.PERMISSION_DENIED]: 403,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.FAILED_PRECONDITION]: 400,
  [status.ABORTED]: 409,
  [status.OUT_OF_RANGE]: 400,
  [status.UNIMPLEMENTED]: 501,
  [status.INTERNAL]: 500,
  [status.UNAVAILABLE]: 503,
  [status.DATA_LOSS]: 500,
  [status.UNAUTHENTICATED]: 401,
};

/** Said by the client here where it never reached the service. */
const NEVER_SENT = /^(No connection established|Name resolution failed)/;
/** Of the system or of TLS, within what the client says. */
const SYSTEM_CODE = /\b(?:E[A-Z]{3,}|[A-Z]+(?:_[A-Z]+)+)\b/g;
/** In OpenSSL's words. */
const NO_TLS = /wrong version number/;
/** In the words of gRPC's own implementations, on either side. */
const TOO_LARGE = /received message larger than max(?: \(\d+ vs\.? (\d+)\))?/i;
/** The stream was torn, and no status was said. */
const TORN = /^Received RST_STREAM|^Call ended without gRPC status/;

/** The service's own answer, as HTTP has it. */
export interface GrpcRefusal {
  status: number;
  reason: string;
}

/** Says what became of a call that gRPC has no answer to; nothing of an address or of what was sent. */
export function explainGrpcError(
  { code, details }: { code: number; details: string },
  { times, maxAnswerBytes }: { times: UpstreamTimes; maxAnswerBytes: number },
): GrpcRefusal | UpstreamFailure {
  if (code === status.DEADLINE_EXCEEDED) {
    const { firstByteMillis, totalMillis } = times;
    const seconds = Math.min(firstByteMillis, totalMillis) / 1_000;
    return new UpstreamFailure(
      'timeout',
      `no whole answer within ${seconds} s`,
    );
  }
  if (code === status.UNAVAILABLE && NEVER_SENT.test(details)) {
    return new UpstreamFailure('unreachable', whyNoConnection(details));
  }
  const tooLarge = TOO_LARGE.exec(details);
  if (code === status.RESOURCE_EXHAUSTED && tooLarge) {
    return tooLarge[1] === String(maxAnswerBytes)
      ? new UpstreamFailure(
          'broken',
          `its answer is longer than ${maxAnswerBytes} bytes`,
        )
      : { status: 413, reason: 'the request is larger than it takes' };
  }
  if (TORN.test(details)) {
    return new UpstreamFailure('broken', 'the connection broke');
  }
  return {
    status: HTTP_STATUS[code] ?? 502,
    reason: details || `it answered with gRPC's status ${status[code] ?? code}`,
  };
}

function whyNoConnection(details: string): string {
  for (const [code] of details.matchAll(SYSTEM_CODE)) {
    const why = explainUnreachable(code);
    if (why !== undefined) return why;
  }
  if (details.startsWith('Name resolution failed')) {
    return 'its host name could not be looked up';
  }
  if (NO_TLS.test(details)) return 'it does not speak TLS';
  return /certificate/i.test(details)
    ? 'its certificate is not trusted here'
    : 'no connection could be made';
}
