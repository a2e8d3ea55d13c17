import { type Options, wholeNumber, type Words } from '../Command';
import { failure } from '../CommandError';

/** Some of a list, in its order. */
export interface Listed<Item> {
  items: Item[];
  /** Whether there are more than these. */
  more: boolean;
}

const DEFAULT_LIMIT = 100;

/** The option of everything that lists. */
export const LIMIT_OPTION = {
  limit: {
    type: 'string',
    value: 'NUMBER',
    help: `most of them, over as many pages as it takes; ${DEFAULT_LIMIT} when left out`,
  },
} as const satisfies Options;

/** @throws CommandError that names the option */
export function limitOf(called: string, words: Words): number {
  const text = words.text('limit') ?? String(DEFAULT_LIMIT);
  return wholeNumber(called, { name: '--limit', text });
}

/**
 * Reads page after page until there are enough, or no more.
 *
 * @param pageSize - most items of a page
 * @param keep - whether an item is wanted; all are when left out
 */
export async function readUpTo<Item>(
  options: { limit: number; pageSize: number; keep?(item: Item): boolean },
  ask: (page: {
    limit: number;
    cursor?: string;
  }) => Promise<{ items: Item[]; nextCursor?: string }>,
): Promise<Listed<Item>> {
  const { limit, pageSize, keep } = options;
  const items: Item[] = [];
  let cursor: string | undefined;
  for (;;) {
    // Of those that are chosen from, nobody knows how many it takes.
    const wanted = keep ? pageSize : Math.min(pageSize, limit - items.length);
    const page = await ask({ limit: wanted, cursor });
    items.push(...(keep ? page.items.filter(keep) : page.items));
    const { nextCursor } = page;
    if (items.length >= limit || nextCursor === undefined) {
      const more = items.length > limit || nextCursor !== undefined;
      return { items: items.slice(0, limit), more };
    }
    if (nextCursor === cursor) {
      throw failure('the portal gives the same page again and again');
    }
    cursor = nextCursor;
  }
}
