import { UnavailableError } from '../connections/failures';
import { InferenceError } from '../domain/InferenceError';
import { ProviderError } from '../providers/ProviderError';
import { SecretError } from '../secrets/Secrets';
import { UpstreamFailure } from '../upstream/UpstreamFailure';

/** Longest reason of a provider that callers read. */
const MAX_REASON_CHARACTERS = 1_000;

/**
 * What a caller is told of a failure behind a connection. The provider's own reason is passed
 * on where the request is to blame; where the platform is (its secret, its quota with the
 * provider), the caller learns that much, and no status that a client takes for its own key.
 *
 * @param connection - by whose name people find it in the configuration
 */
export function explainFailure(
  error: unknown,
  connection: { name: string; redact(text: string): string },
): Error {
  if (error instanceof InferenceError) return error;
  const said = (what: string) =>
    `the connection "${connection.name}": ${connection.redact(what)}`;
  if (error instanceof SecretError) {
    return new InferenceError('not-ready', said(error.message), error);
  }
  if (error instanceof UnavailableError) {
    const kind = error.kind === 'limited' ? 'rate-limited' : 'not-ready';
    return new InferenceError(kind, said(error.message), error, {
      retryAfterSeconds: error.retryAfterSeconds,
    });
  }
  if (error instanceof UpstreamFailure) {
    switch (error.kind) {
      case 'cancelled':
        return new InferenceError('cancelled', error.message, error);
      case 'timeout':
        return new InferenceError(
          'gateway-timeout',
          said(error.message),
          error,
        );
      default:
        return new InferenceError('bad-gateway', said(error.message), error);
    }
  }
  if (error instanceof ProviderError) {
    return explainRefusal(error, connection.redact(error.message), said);
  }
  return error instanceof Error ? error : new Error(String(error));
}

function explainRefusal(
  error: ProviderError,
  message: string,
  said: (what: string) => string,
): InferenceError {
  const { status, retryAfterSeconds } = error;
  const reason = message.slice(0, MAX_REASON_CHARACTERS);
  if (status === 401 || status === 403) {
    return new InferenceError(
      'bad-gateway',
      said(`the provider does not take its secret (${status})`),
      error,
    );
  }
  if (status === 429) {
    return new InferenceError(
      'rate-limited',
      said(`the provider's limit is reached: ${reason}`),
      error,
      { retryAfterSeconds },
    );
  }
  if (status === 404) {
    return new InferenceError(
      'bad-gateway',
      said(`the provider does not know the model: ${reason}`),
      error,
    );
  }
  if (status === 408 || status === 504) {
    return new InferenceError('gateway-timeout', said(reason), error);
  }
  if (status === 413) return new InferenceError('too-large', reason, error);
  if (status >= 400 && status < 500) {
    return new InferenceError('invalid', reason, error);
  }
  return new InferenceError('bad-gateway', said(reason), error, {
    retryAfterSeconds,
  });
}
