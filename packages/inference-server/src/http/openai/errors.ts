import type { ServerResponse } from 'node:http';
import { InferenceError } from '../../domain/InferenceError';
import { InvalidFieldError } from '../../language/InvalidFieldError';
import { LimitReachedError } from '../../guardrails/LimitReachedError';
import { ScopeMissingError } from '../../guardrails/ScopeMissingError';
import { TokensOverLimitError } from '../../guardrails/TokensOverLimitError';
import { retryAfterSeconds, sendJson, statusOf } from '../responses';
import { limitHeaders } from './limitHeaders';

const MILLIS_PER_SECOND = 1_000;

/** The body of an error of OpenAI's API. */
export interface OpenAiError {
  error: {
    message: string;
    type: string;
    param: string | null;
    code: string | null;
  };
}

/** Types and codes by status, as OpenAI's clients know them. */
const BY_STATUS: Record<number, [type: string, code: string | null]> = {
  400: ['invalid_request_error', null],
  401: ['invalid_request_error', 'invalid_api_key'],
  403: ['permission_error', 'model_not_allowed'],
  404: ['invalid_request_error', 'model_not_found'],
  405: ['invalid_request_error', null],
  413: ['invalid_request_error', 'request_too_large'],
  415: ['invalid_request_error', null],
  422: ['invalid_request_error', null],
  429: ['rate_limit_error', 'rate_limit_exceeded'],
  502: ['upstream_error', 'upstream_failed'],
  503: ['server_error', 'not_ready'],
  504: ['upstream_error', 'upstream_timeout'],
};

function typeAndCode(error: unknown): [type: string, code: string | null] {
  // Clients wait and try again where a limit is reached, which would not help here.
  if (error instanceof TokensOverLimitError) {
    return ['invalid_request_error', 'tokens_over_limit'];
  }
  if (error instanceof ScopeMissingError) {
    return ['permission_error', 'scope_missing'];
  }
  return BY_STATUS[statusOf(error)] ?? ['server_error', null];
}

/** What is not meant for callers is not told to them. */
export function toOpenAiError(error: unknown): OpenAiError {
  const [type, code] = typeAndCode(error);
  return {
    error: {
      message:
        error instanceof InferenceError ? error.message : 'internal error',
      type,
      param: error instanceof InvalidFieldError ? error.param : null,
      code,
    },
  };
}

/** Answers in OpenAI's form. @returns the status */
export function sendOpenAiError(
  response: ServerResponse,
  error: unknown,
): number {
  const status = statusOf(error);
  const headers: Record<string, string> = {};
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer';
  const after = retryAfterSeconds(error, status);
  if (after !== undefined) {
    headers['Retry-After'] = String(Math.ceil(after));
    // Clients of OpenAI's API look here first.
    if (!Number.isInteger(after)) {
      headers['Retry-After-Ms'] = String(Math.ceil(after * MILLIS_PER_SECOND));
    }
  }
  if (error instanceof LimitReachedError) {
    Object.assign(headers, limitHeaders(error.states));
  }
  sendJson(response, status, toOpenAiError(error), headers);
  return status;
}
