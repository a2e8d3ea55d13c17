import type { Run, RunPage } from '@greenroom/plugin-ai-training-common';

/** Runs that were loaded so far, in the order that was asked for. */
export interface RunList {
  items: Run[];
  /** Asks for what comes next; undefined where nothing does. */
  cursor?: string;
}

export const NO_RUNS: RunList = { items: [] };

/** Whether more is to be expected of a run. */
export function isGoingOn({ status }: Run): boolean {
  return status === 'RUNNING' || status === 'SCHEDULED';
}

/**
 * The list after its beginning was read again, and some of the rest by their ids. New runs come in at the
 * beginning; what was pushed out of the first page stays after it. Where nothing of the old beginning is left,
 * what was between is unknown, and the list starts anew.
 */
export function renewBeginning(
  list: RunList,
  first: RunPage,
  renewed: readonly Run[],
): RunList {
  const ofFirst = new Set(first.items.map(({ id }) => id));
  const startsAnew =
    first.nextCursor === undefined ||
    list.items.length <= first.items.length ||
    !list.items.some(({ id }) => ofFirst.has(id));
  if (startsAnew) return { items: first.items, cursor: first.nextCursor };
  const newer = new Map(renewed.map(run => [run.id, run]));
  return {
    items: [
      ...first.items,
      ...list.items
        .filter(({ id }) => !ofFirst.has(id))
        .map(run => newer.get(run.id) ?? run),
    ],
    cursor: list.cursor,
  };
}

/** The list with its next page; a run that moved there meanwhile is not twice in it. */
export function appendPage(list: RunList, page: RunPage): RunList {
  const known = new Set(list.items.map(({ id }) => id));
  return {
    items: [...list.items, ...page.items.filter(({ id }) => !known.has(id))],
    cursor: page.nextCursor,
  };
}
