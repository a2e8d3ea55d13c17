import { InputError } from '@backstage/errors';
import { createHash } from 'node:crypto';
import type { ColumnType } from './readPage';

/** Where a page ended: in which of the lists that follow each other, and at which row. */
export interface PagePosition {
  segment: number;
  /** What the last row was sorted by, as texts; null where it has nothing. */
  after: (string | null)[];
}

const HASH_LENGTH = 16;
const NUMBER = /^(-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|-?Infinity)$/;
const INTEGER = /^-?\d{1,18}$/;

/** Tells one question from another; a page token belongs to one. */
export function hashOfQuery(question: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(question))
    .digest('base64url')
    .slice(0, HASH_LENGTH);
}

export function encodePageToken(hash: string, position: PagePosition): string {
  const content = [hash, position.segment, ...position.after];
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/**
 * @param columns - of each segment, the types of what its rows are sorted by
 * @throws InputError when the token is of another question, or none at all
 */
export function decodePageToken(
  token: string,
  hash: string,
  columns: readonly (readonly ColumnType[])[],
): PagePosition {
  const content = parse(token);
  if (!Array.isArray(content)) throw foreign(token);
  const [ofQuery, segment, ...after]: unknown[] = content;
  if (ofQuery !== hash) {
    throw new InputError(
      `Invalid page token '${token}': it belongs to another search. Keep filter, order_by, experiments and view as they were, or begin without page_token`,
    );
  }
  const types = typeof segment === 'number' ? columns[segment] : undefined;
  if (
    typeof segment !== 'number' ||
    types?.length !== after.length ||
    !areTexts(after) ||
    !after.every((it, index) => it === null || isOf(types[index], it))
  ) {
    throw foreign(token);
  }
  return { segment, after };
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function areTexts(values: unknown[]): values is (string | null)[] {
  return values.every(it => it === null || typeof it === 'string');
}

function isOf(type: ColumnType, text: string): boolean {
  switch (type) {
    case 'number':
      return NUMBER.test(text);
    case 'text':
      return !text.includes('\u0000');
    default:
      return INTEGER.test(text);
  }
}

function foreign(token: string): InputError {
  return new InputError(
    `Invalid page token '${token}': it is not one that this search gave, begin without page_token`,
  );
}
