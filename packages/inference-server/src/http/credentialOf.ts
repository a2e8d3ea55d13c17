import type { IncomingHttpHeaders } from 'node:http';

const BEARER_PATTERN = /^bearer /i;

/** The header that carries a caller's key: `X-API-Key`, or `Authorization: Bearer`. */
export function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['x-api-key'];
  if (typeof key === 'string') return key;
  const { authorization } = headers;
  // Another scheme, such as Basic, carries no key.
  return authorization !== undefined && BEARER_PATTERN.test(authorization)
    ? authorization
    : undefined;
}
