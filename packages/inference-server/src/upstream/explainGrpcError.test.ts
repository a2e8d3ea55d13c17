import { status } from '@grpc/grpc-js';
import { explainGrpcError } from './explainGrpcError';
import { UpstreamFailure } from './UpstreamFailure';

const options = {
  times: { firstByteMillis: 2_000, idleMillis: 1_000, totalMillis: 9_000 },
  maxAnswerBytes: 1_024,
};
const explain = (code: status, details: string) =>
  explainGrpcError({ code, details }, options);

it.each([
  [
    status.UNAVAILABLE,
    'No connection established. Last error: connect ECONNREFUSED 10.0.0.1:8001 (2026-01-01T00:00:00.000Z)',
    'unreachable',
    'nothing listens at its address',
  ],
  [
    status.UNAVAILABLE,
    'Name resolution failed for target dns:triton:8001',
    'unreachable',
    'its host name could not be looked up',
  ],
  [
    status.UNAVAILABLE,
    'No connection established. Last error: self-signed certificate',
    'unreachable',
    'its certificate is not trusted here',
  ],
  [
    status.UNAVAILABLE,
    'No connection established. Last error: Error: 40:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:tlsany_meth.c:77:',
    'unreachable',
    'it does not speak TLS',
  ],
  [
    status.DEADLINE_EXCEEDED,
    'Deadline exceeded after 2.001s,remote_addr=10.0.0.1:8001',
    'timeout',
    'no whole answer within 2 s',
  ],
  [
    status.RESOURCE_EXHAUSTED,
    'Received message larger than max (2048 vs 1024)',
    'broken',
    'its answer is longer than 1024 bytes',
  ],
  [
    status.INTERNAL,
    'Received RST_STREAM with code 2 (Internal server error)',
    'broken',
    'the connection broke',
  ],
])('says of %s "%s" that it is %s', (code, details, kind, message) => {
  const failure = explain(code, details);
  expect(failure).toBeInstanceOf(UpstreamFailure);
  expect(failure).toMatchObject({ kind, message });
});

it.each([
  [status.INVALID_ARGUMENT, 'x is odd', 400, 'x is odd'],
  [status.UNAVAILABLE, 'the model is not ready', 503, 'the model is not ready'],
  [status.RESOURCE_EXHAUSTED, 'too many requests', 429, 'too many requests'],
  [
    status.RESOURCE_EXHAUSTED,
    'Received message larger than max (9 vs 8)',
    413,
    'the request is larger than it takes',
  ],
  [
    status.RESOURCE_EXHAUSTED,
    'grpc: received message larger than max (9 vs. 8)',
    413,
    'the request is larger than it takes',
  ],
  [
    status.UNAUTHENTICATED,
    '',
    401,
    "it answered with gRPC's status UNAUTHENTICATED",
  ],
])('calls %s "%s" the status %d of HTTP', (code, details, http, reason) => {
  expect(explain(code, details)).toEqual({ status: http, reason });
});
