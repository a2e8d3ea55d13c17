import { isError } from '@backstage/errors';
import type { Page } from '@greenroom/plugin-ai-registry-common';

/** All items of a list, page by page. */
export async function* readPages<Item>(
  read: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor);
}

/** Undefined where there is none. */
export async function findOne<Item>(
  read: () => Promise<Item>,
): Promise<Item | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isError(error) && error.statusCode === 404) return undefined;
    throw error;
  }
}
