import { APIConnectionError, APIError } from 'openai';
import { errorMessage } from '../errors';
import { ProviderError } from '../providers/ProviderError';

/** Longest reason that is told. */
const MAX_REASON_CHARACTERS = 500;
/** Who refuses a secret may repeat it. */
const REFUSED = [401, 403];

/** Why a connection does not answer, in words without secrets. */
export function explainCheck(error: unknown): string {
  if (error instanceof APIConnectionError) {
    return bounded(`it cannot be reached: ${errorMessage(innermost(error))}`);
  }
  if (error instanceof APIError || error instanceof ProviderError) {
    const status: number | undefined = error.status;
    if (status !== undefined && REFUSED.includes(status)) {
      return `the provider does not take its secret (${status})`;
    }
    return bounded(
      error instanceof ProviderError
        ? error.message
        : `it answered with status ${error.message}`,
    );
  }
  return bounded(errorMessage(error));
}

/** The client says that it was a connection error, and its causes which one. */
function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function bounded(text: string): string {
  return text.length > MAX_REASON_CHARACTERS
    ? `${text.slice(0, MAX_REASON_CHARACTERS)} ...`
    : text;
}
