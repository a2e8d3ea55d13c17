import type { NumberComparator, Test } from './filter';
import { type Sql, sql } from './sql';

type TextTest = Exclude<Test, { type: 'number' } | { type: 'presence' }>;
type NumberTest = Extract<Test, { type: 'number' }>;

const LARGEST_INTEGER = 2 ** 63;

/** Whether a text column meets a test; not where it is null. */
export function textTestSql(column: Sql, test: TextTest): Sql {
  if (test.type === 'list') {
    return test.comparator === 'IN'
      ? sql`${column} = any(${test.values})`
      : sql`${column} <> all(${test.values})`;
  }
  switch (test.comparator) {
    case '=':
      return sql`${column} = ${test.value}`;
    case '!=':
      return sql`${column} <> ${test.value}`;
    case 'LIKE':
      // A backslash stands for itself, also at the end.
      return sql`${column} like ${test.value} escape ''`;
    default:
      // Byte order knows no upper and lower case but that of ASCII.
      return sql`${column} collate "default" ilike ${test.value} escape ''`;
  }
}

/**
 * The same for a value that has an index on its first 250 characters.
 *
 * @param start - the expression that is indexed
 */
export function indexedTextTestSql(
  column: Sql,
  start: Sql,
  test: TextTest,
): Sql {
  return test.type === 'text' && test.comparator === '='
    ? sql`${start} = left(${test.value}, 250) and ${column} = ${test.value}`
    : textTestSql(column, test);
}

/** Whether a double column meets a test. NaN meets != alone, where PostgreSQL has it greater than all. */
export function doubleTestSql(column: Sql, test: NumberTest): Sql {
  const { comparator, value } = test;
  const met = sql`${column} ${operator(comparator)} ${value}::double precision`;
  return comparator === '>' || comparator === '>='
    ? sql`${met} and ${column} < 'NaN'`
    : met;
}

/** Whether a bigint column meets a test with any number, so that its index serves. */
export function integerTestSql(column: Sql, test: NumberTest): Sql {
  const { comparator, value } = test;
  if (comparator === '=' || comparator === '!=') {
    return equalIntegerSql(column, comparator, value);
  }
  if (Math.abs(value) >= LARGEST_INTEGER) {
    const isBelow = comparator === '<' || comparator === '<=';
    return isBelow === value > 0 ? sql`${column} is not null` : sql`false`;
  }
  const rounded =
    comparator === '>' || comparator === '<='
      ? Math.floor(value)
      : Math.ceil(value);
  return sql`${column} ${operator(comparator)} ${String(
    BigInt(rounded),
  )}::bigint`;
}

function equalIntegerSql(
  column: Sql,
  comparator: '=' | '!=',
  value: number,
): Sql {
  if (!Number.isInteger(value) || Math.abs(value) >= LARGEST_INTEGER) {
    return comparator === '=' ? sql`false` : sql`${column} is not null`;
  }
  return sql`${column} ${operator(comparator)} ${String(
    BigInt(value),
  )}::bigint`;
}

function operator(comparator: NumberComparator): Sql {
  switch (comparator) {
    case '=':
      return sql`=`;
    case '!=':
      return sql`<>`;
    case '<':
      return sql`<`;
    case '<=':
      return sql`<=`;
    case '>':
      return sql`>`;
    default:
      return sql`>=`;
  }
}
