import type { ServerResponse } from 'node:http';
import { LimitReachedError } from '../guardrails/LimitReachedError';
import {
  InferenceError,
  type InferenceErrorKind,
} from '../domain/InferenceError';
import { rateLimitHeaders } from './rateLimitFields';

/** A caller that went away; no protocol defines it, many servers log it so. */
export const STATUS_CLIENT_CLOSED = 499;

const STATUS_BY_KIND: Record<InferenceErrorKind, number> = {
  invalid: 400,
  unprocessable: 422,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'too-large': 413,
  unsupported: 415,
  'not-ready': 503,
  overloaded: 503,
  'rate-limited': 429,
  'limit-reached': 429,
  'over-limit': 400,
  'bad-gateway': 502,
  'gateway-timeout': 504,
  cancelled: STATUS_CLIENT_CLOSED,
  deadline: 504,
  internal: 500,
};

/** Seconds after which a caller may try again where nobody said better. */
const RETRY_AFTER_SECONDS = 1;

/** HTTP status of anything that was thrown. */
export function statusOf(error: unknown): number {
  return error instanceof InferenceError ? STATUS_BY_KIND[error.kind] : 500;
}

/** The status under which it is taken down: whose caller waits no more says nothing about the version. */
export function recordedStatusOf(error: unknown): number {
  return error instanceof InferenceError && error.kind === 'deadline'
    ? STATUS_CLIENT_CLOSED
    : statusOf(error);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Answers `{"error": ...}`. What is not meant for callers is not told to them. */
export function sendError(
  response: ServerResponse,
  error: unknown,
  headers: Record<string, string> = {},
): number {
  const status = statusOf(error);
  const message =
    error instanceof InferenceError ? error.message : 'internal error';
  const extra: Record<string, string> = { ...headers };
  if (status === 401) extra['WWW-Authenticate'] = 'Bearer';
  const after = retryAfterSeconds(error, status);
  if (after !== undefined) extra['Retry-After'] = String(Math.ceil(after));
  if (error instanceof LimitReachedError) {
    Object.assign(extra, rateLimitHeaders(error.states));
  }
  sendJson(response, status, { error: message }, extra);
  return status;
}

/** After how many seconds a caller may try again; undefined where that would not help. */
export function retryAfterSeconds(
  error: unknown,
  status: number,
): number | undefined {
  const said =
    error instanceof InferenceError ? error.retryAfterSeconds : undefined;
  if (said !== undefined) return said;
  return status === 503 || status === 429 ? RETRY_AFTER_SECONDS : undefined;
}
