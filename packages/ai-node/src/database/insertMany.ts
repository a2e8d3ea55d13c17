import type { Knex } from 'knex';

/** Rows in one statement: enough to be quick, few enough that a statement stays at some megabytes. */
const DEFAULT_CHUNK_ROWS = 1_000;

/** Objects are for json columns, arrays for them and for columns of arrays. */
export type Cell =
  | string
  | number
  | bigint
  | boolean
  | object
  | null
  | undefined;

export interface InsertManyOptions<Column extends string> {
  table: string;
  /** Their types, in PostgreSQL's words: `timestamptz`, `jsonb`, `text[]`. */
  columns: Record<Column, string>;
  /** A cell that is left out is null: no column's default applies. */
  rows: readonly { [Name in NoInfer<Column>]?: Cell }[];
  chunkRows?: number;
  /** A row that exists already is an error unless this says what becomes of it. */
  onConflict?: {
    columns: NoInfer<Column>[];
    /** Columns that take the new row's values; none leaves the existing row as it is. */
    merge: NoInfer<Column>[];
  };
  /** Columns of the written rows that are wanted back. */
  returning?: string[];
}

export interface InsertedMany<Row> {
  /** Rows that were inserted or merged. */
  written: number;
  /** What {@link InsertManyOptions.returning} asked for. */
  rows: Row[];
}

/**
 * Inserts rows that travel as one array a column: neither their number nor that of the columns is
 * bounded by how many parameters a statement may have, and its text is the same for any number.
 *
 * @remarks
 *
 * They are written in their order. Chunks are statements of their own: pass a transaction where
 * all or none shall be written.
 */
export async function insertMany<Column extends string, Row = unknown>(
  knex: Knex,
  options: InsertManyOptions<Column>,
): Promise<InsertedMany<Row>> {
  const { rows, returning = [], chunkRows = DEFAULT_CHUNK_ROWS } = options;
  const columns = Object.entries<string>(options.columns);
  const { insert, conflict } = toStatement(options);
  const back =
    returning.length > 0
      ? `returning ${returning.map(() => '??').join(', ')}`
      : '';
  const inserted: InsertedMany<Row> = { written: 0, rows: [] };
  for (let start = 0; start < rows.length; start += chunkRows) {
    const chunk = rows.slice(start, start + chunkRows);
    // Knex's types know of no null in an array.
    const arrays = columns.map(([name, type]) =>
      chunk.map(row => toText(row[name as Column], { name, type })),
    ) as Knex.Value[];
    const result = await knex.raw<{ rowCount: number; rows: Row[] }>(
      `${insert.sql} ${conflict.sql} ${back}`,
      [...insert.names, ...arrays, ...conflict.names, ...returning],
    );
    inserted.written += result.rowCount;
    for (const row of result.rows) inserted.rows.push(row);
  }
  return inserted;
}

interface Clause {
  sql: string;
  names: string[];
}

/** Cells arrive as texts, each in the notation that PostgreSQL reads its column's type from. */
function toStatement<Column extends string>({
  table,
  columns,
  onConflict,
}: InsertManyOptions<Column>): { insert: Clause; conflict: Clause } {
  const types = Object.values<string>(columns);
  const cells = types.map((_, index) => `c${index}`);
  const insert = {
    sql: `insert into ?? (${types.map(() => '??').join(', ')})
      select ${types.map((type, index) => `c${index}::${type}`).join(', ')}
      from unnest(${types.map(() => '?::text[]').join(', ')})
        with ordinality as given (${cells.join(', ')}, place) order by place`,
    names: [table, ...Object.keys(columns)],
  };
  return { insert, conflict: toConflictClause(onConflict) };
}

function toConflictClause(
  onConflict: { columns: string[]; merge: string[] } | undefined,
): Clause {
  if (!onConflict) return { sql: '', names: [] };
  const { columns, merge } = onConflict;
  const target = `on conflict (${columns.map(() => '??').join(', ')})`;
  return merge.length === 0
    ? { sql: `${target} do nothing`, names: columns }
    : {
        sql: `${target} do update set ${merge
          .map(() => '?? = excluded.??')
          .join(', ')}`,
        names: [...columns, ...merge.flatMap(name => [name, name])],
      };
}

function toText(
  cell: Cell,
  column: { name: string; type: string },
): string | null {
  const { name, type } = column;
  if (cell === null || cell === undefined) return null;
  if (type === 'json' || type === 'jsonb') return JSON.stringify(cell);
  if (Array.isArray(cell) && type.endsWith('[]')) {
    const element = { name, type: type.slice(0, -2) };
    return `{${cell
      .map(item => quoteElement(toText(item, element)))
      .join(',')}}`;
  }
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === 'object') {
    throw new Error(
      `The column '${name}' of the type '${type}' cannot hold an object or an array: pass a text, a number, a boolean or a date`,
    );
  }
  return String(cell);
}

function quoteElement(text: string | null): string {
  return text === null
    ? 'NULL'
    : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
