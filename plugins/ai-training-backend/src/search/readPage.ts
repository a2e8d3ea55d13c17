import type { Knex } from 'knex';
import {
  decodePageToken,
  encodePageToken,
  type PagePosition,
} from './pageToken';
import { allOf, anyOf, joinSql, Sql, sql } from './sql';

/** `time` is a timestamptz that callers see in milliseconds. */
export type ColumnType = 'number' | 'integer' | 'text' | 'time';

/** Something that rows are sorted by. */
export interface SortColumn {
  expression: Sql;
  type: ColumnType;
  ascending: boolean;
}

/** Rows in an order. Lists that follow each other make one: such as those that have a metric, then those that lack it. */
export interface Segment {
  from: Sql;
  conditions: readonly Sql[];
  /** Together they tell any two rows apart. The first is nowhere null. */
  columns: readonly SortColumn[];
}

export interface PageQuery {
  /** Of a row, what is wanted of it. */
  id: Sql;
  segments: readonly Segment[];
  /** Rows of a page. */
  limit: number;
  /** By {@link hashOfQuery}. */
  hash: string;
  pageToken?: string;
}

interface Found {
  id: string;
  position: (string | null)[];
}

/**
 * Reads a page, beginning after the row that its token names, so that each page costs the same.
 *
 * @throws InputError when the token is not one of this question
 */
export async function readPage(
  knex: Knex,
  query: PageQuery,
): Promise<{ ids: string[]; nextPageToken?: string }> {
  const { segments, limit, hash, pageToken } = query;
  const start: PagePosition | undefined =
    pageToken === undefined || pageToken === ''
      ? undefined
      : decodePageToken(
          pageToken,
          hash,
          segments.map(({ columns }) => columns.map(({ type }) => type)),
        );
  const found: (Found & { segment: number })[] = [];
  for (let at = start?.segment ?? 0; at < segments.length; at++) {
    const wanted = limit + 1 - found.length;
    if (wanted <= 0) break;
    const after = at === start?.segment ? start.after : undefined;
    const statement = selectSegment(query.id, segments[at], wanted, after);
    const { rows } = await statement.toRaw(knex);
    for (const row of rows as Found[]) found.push({ ...row, segment: at });
  }
  const page = found.slice(0, limit);
  const ids = page.map(({ id }) => id);
  const last = page.at(-1);
  if (found.length <= limit || !last) return { ids };
  const { segment, position } = last;
  const nextPageToken = encodePageToken(hash, { segment, after: position });
  return { ids, nextPageToken };
}

/** The statement of one list, for {@link readPage} and for those who look at its plan. */
export function selectSegment(
  id: Sql,
  { from, conditions, columns }: Segment,
  limit: number,
  after?: readonly (string | null)[],
): Sql {
  const where = after
    ? [...conditions, ...afterSql(columns, after)]
    : conditions;
  const position = joinSql(columns.map(textOf), ', ');
  return sql`select ${id} as id, array[${position}] as position
    from ${from} where ${allOf(where)}
    order by ${joinSql(columns.map(orderOf), ', ')} limit ${limit}`;
}

/** Rows after one: further by the first column, or as far by it and further by the second, and so on. */
function afterSql(
  columns: readonly SortColumn[],
  after: readonly (string | null)[],
): Sql[] {
  const values = columns.map((column, index) => valueSql(column, after[index]));
  const further = columns.flatMap((column, index) => {
    const value = values[index];
    // Nulls are last among those that are alike in all before: nothing is further.
    if (after[index] === null) return [];
    const alike = columns
      .slice(0, index)
      .map((it, before) =>
        after[before] === null
          ? sql`${it.expression} is null`
          : sql`${it.expression} = ${values[before]}`,
      );
    return [sql`(${allOf([...alike, beyond(column, value)])})`];
  });
  const [first] = columns;
  if (after[0] === null) return [anyOf(further)];
  // Says what follows from the rest, so that an index is entered at the right place.
  const bound = first.ascending
    ? sql`${first.expression} >= ${values[0]}`
    : sql`${first.expression} <= ${values[0]}`;
  return [bound, anyOf(further)];
}

function beyond({ expression, ascending }: SortColumn, value: Sql): Sql {
  return ascending
    ? sql`${expression} > ${value}`
    : sql`${expression} < ${value}`;
}

function orderOf({ expression, ascending }: SortColumn): Sql {
  return ascending ? sql`${expression} asc` : sql`${expression} desc`;
}

function textOf({ expression, type }: SortColumn): Sql {
  return type === 'time'
    ? sql`(extract(epoch from ${expression}) * 1000)::bigint::text`
    : sql`(${expression})::text`;
}

function valueSql({ type }: SortColumn, value: string | null): Sql {
  switch (type) {
    case 'number':
      return sql`${value}::double precision`;
    case 'integer':
      return sql`${value}::bigint`;
    case 'time':
      return sql`(timestamptz 'epoch' + ${value}::bigint * interval '1 ms')`;
    default:
      return sql`${value}::text`;
  }
}
