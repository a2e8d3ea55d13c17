import { createHmac, timingSafeEqual } from 'node:crypto';

/** What is to be looked at again because of a delivery. */
export type Hint =
  /** It is of no interest, or our own doing. */
  { kind: 'none' } | { kind: 'look'; pullRequest?: number };

/** Events after which something may differ from what was seen. */
const EVENTS = new Set([
  'push',
  'create',
  'delete',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'issue_comment',
  'merge_group',
]);

/** What GitHub tells of what Greenroom does is what it knows already. */
const ECHOES = new Set(['issue_comment', 'pull_request_review_comment']);

/** Whether the body was signed with the secret; takes as long for each wrong answer. */
export function isSigned(
  body: Buffer,
  { signature, secret }: { signature: string | undefined; secret: string },
): boolean {
  const expected = Buffer.from(
    `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  );
  const given = Buffer.from(signature ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Reads no more out of a delivery than where to look: what is there now, GitHub is asked.
 *
 * @param repository - `owner/name`; others are of no interest
 */
export function readHint(
  event: string,
  payload: unknown,
  { repository, self }: { repository: string; self: string },
): Hint {
  if (!EVENTS.has(event)) return { kind: 'none' };
  const fullName = textAt(payload, 'repository', 'full_name');
  if (fullName?.toLowerCase() !== repository.toLowerCase()) {
    return { kind: 'none' };
  }
  if (ECHOES.has(event) && textAt(payload, 'sender', 'login') === self) {
    return { kind: 'none' };
  }
  const number =
    valueAt(payload, 'pull_request', 'number') ??
    valueAt(payload, 'issue', 'number');
  return Number.isSafeInteger(number)
    ? { kind: 'look', pullRequest: number as number }
    : { kind: 'look' };
}

function valueAt(payload: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    payload,
  );
}

function textAt(payload: unknown, ...path: string[]): string | undefined {
  const value = valueAt(payload, ...path);
  return typeof value === 'string' ? value : undefined;
}
