import type { LimitStates } from '../domain/Admission';

/**
 * How much is left of a key's limits, as the IETF's draft "RateLimit header fields for HTTP" says it
 * (draft-ietf-httpapi-ratelimit-headers, by revision 11).
 *
 * @returns names and values of headers, one after the other
 */
export function rateLimitFields(states: LimitStates): string[] {
  const { requests, inFlight, rows } = states;
  let policy = '';
  let left = '';
  if (requests) {
    policy = `"requests";q=${requests.limit};w=${requests.windowSeconds}`;
    left = `"requests";r=${requests.remaining};t=${requests.resetSeconds}`;
  }
  if (inFlight) {
    const before = policy && ', ';
    policy += `${before}"in-flight";q=${inFlight.limit};qu="concurrent-requests"`;
    left += `${before}"in-flight";r=${inFlight.remaining}`;
  }
  if (rows) {
    const before = policy && ', ';
    policy += `${before}"rows";q=${rows.limit};w=${rows.windowSeconds};qu="rows"`;
    left += `${before}"rows";r=${rows.remaining};t=${rows.resetSeconds}`;
  }
  return policy ? ['RateLimit-Policy', policy, 'RateLimit', left] : [];
}

/** The same, by name. */
export function rateLimitHeaders(states: LimitStates): Record<string, string> {
  const fields = rateLimitFields(states);
  const headers: Record<string, string> = {};
  for (let at = 0; at < fields.length; at += 2) {
    headers[fields[at]] = fields[at + 1];
  }
  return headers;
}
