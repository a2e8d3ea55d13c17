import type { Job } from '../actions/Action';
import type { Listed } from './readUpTo';
import { type Column, factLines, tableLines } from './table';

type Seen = Pick<Job, 'context' | 'isJson'>;

/** Prints a list: `{ items, more }` as JSON, or a table. */
export function showList<Item>(
  { context, isJson }: Seen,
  { items, more }: Listed<Item>,
  columns: readonly Column<Item>[],
): void {
  if (isJson) {
    context.print(JSON.stringify({ items, more }));
    return;
  }
  for (const line of tableLines(columns, items, context.columns)) {
    context.print(line);
  }
  if (more) {
    context.complain(
      `greenroom: these are the first ${items.length}; --limit shows more`,
    );
  }
}

/** Prints one thing: as it is in JSON, or a line for each fact. */
export function showOne(
  { context, isJson }: Seen,
  thing: object,
  facts: Parameters<typeof factLines>[0],
): void {
  if (isJson) context.print(JSON.stringify(thing));
  else
    for (const line of factLines(facts, context.columns)) context.print(line);
}

/** Says what was done: what it is about as JSON, or a sentence. */
export function showDone(
  { context, isJson }: Seen,
  thing: object,
  sentence: string,
): void {
  context.print(isJson ? JSON.stringify(thing) : sentence);
}
