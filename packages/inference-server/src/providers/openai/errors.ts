import { z } from 'zod';
import { ProviderError } from '../ProviderError';

const errorBody = z.looseObject({
  error: z.union([
    z.string(),
    z.looseObject({
      message: z.string(),
      type: z.string().nullish(),
      code: z.union([z.string(), z.number()]).nullish(),
    }),
  ]),
});

/** What a key looks like; services repeat the one that they refuse. */
const KEY_PATTERN = /\b(?:sk|hf|pk|rk|gsk)[-_][A-Za-z0-9*._-]{6,}/g;

/** The reason in an error of OpenAI's form, or of the forms that servers like it have. */
export function reasonOf(body: unknown): string | undefined {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { error } = parsed.data;
  const message = typeof error === 'string' ? error : error.message;
  return message.replace(KEY_PATTERN, '(a key)');
}

/** Statuses of errors that come within a stream, by their type or code. */
const STATUSES: Record<string, number> = {
  invalid_request_error: 400,
  context_length_exceeded: 400,
  content_filter: 400,
  authentication_error: 401,
  permission_error: 403,
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  insufficient_quota: 429,
};

/** An error in place of a chunk; undefined for a chunk. */
export function errorInStream(value: unknown): ProviderError | undefined {
  const parsed = errorBody.safeParse(value);
  if (!parsed.success) return undefined;
  const { error } = parsed.data;
  const names = typeof error === 'string' ? [] : [error.code, error.type];
  const known = names.map(name => STATUSES[String(name)]).find(Boolean);
  const number = names.map(Number).find(code => code >= 400 && code < 600);
  return new ProviderError(reasonOf(value) ?? 'it failed', {
    status: known ?? number ?? 502,
  });
}
