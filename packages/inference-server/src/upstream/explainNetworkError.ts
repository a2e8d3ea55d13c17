import type { UpstreamTimes } from './Upstream';
import { UpstreamFailure } from './UpstreamFailure';

/** Errors after which it is certain that the request was not read. */
const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be looked up',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'no connection could be made in time',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is signed by itself, which nobody here trusts',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is signed by an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is signed by an authority that is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is signed by an authority that is not trusted here',
  EPROTO: 'it does not speak TLS',
};

/** Says what happened on the network, without addresses and without what was sent. */
export function explainNetworkError(
  error: Error,
  times: UpstreamTimes,
): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  const code = codeOf(error);
  const unreachable = explainUnreachable(code);
  if (unreachable !== undefined) {
    return new UpstreamFailure('unreachable', unreachable, error);
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return new UpstreamFailure(
      'timeout',
      `its answer did not begin within ${times.firstByteMillis / 1_000} s`,
      error,
    );
  }
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    return new UpstreamFailure(
      'timeout',
      `its answer stood still for ${times.idleMillis / 1_000} s`,
      error,
    );
  }
  return new UpstreamFailure(
    'broken',
    `the connection broke (${code || error.name})`,
    error,
  );
}

/** What a code means after which it is certain that nothing was read; undefined for another one. */
export function explainUnreachable(code: string): string | undefined {
  return Object.hasOwn(UNREACHABLE, code) ? UNREACHABLE[code] : undefined;
}

/** Several addresses that failed each have an error of their own. */
function codeOf(error: unknown): string {
  const { code, errors, cause } = Object(error);
  if (typeof code === 'string') return code;
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return cause === undefined ? '' : codeOf(cause);
}
