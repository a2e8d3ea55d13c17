import { InputError } from '@backstage/errors';
import type {
  NumberComparator,
  TagCondition,
  TextComparator,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';

/** What is compared: an expression, and the values of the parameters in it. */
export interface Operand {
  sql: string;
  bindings?: string[];
  /** Expression of an index over its first 250 characters: a long text does not fit into one. */
  indexed?: string;
}

interface Comparison {
  field: string;
  comparator: TextComparator;
  values: string[];
}

const INDEXED_CHARACTERS = 250;

/** @throws InputError where there is not one value for a comparator that takes one */
export function whereText(
  builder: Knex.QueryBuilder,
  { sql, bindings = [], indexed }: Operand,
  condition: Comparison,
): void {
  const { comparator, values } = condition;
  switch (comparator) {
    case '=':
    case 'IN': {
      const wanted = comparator === '=' ? [valueOf(condition)] : values;
      if (indexed) builder.whereRaw(`${indexed} = any(?)`, [wanted.map(begin)]);
      builder.whereRaw(`${sql} = any(?)`, [...bindings, wanted]);
      break;
    }
    case 'NOT IN':
      builder.whereRaw(`${sql} <> all(?)`, [...bindings, values]);
      break;
    case '!=':
      builder.whereRaw(`${sql} <> ?`, [...bindings, valueOf(condition)]);
      break;
    default:
      // To those who ask, a backslash is a character like others.
      builder.whereRaw(
        `${sql} ${comparator === 'LIKE' ? 'like' : 'ilike'} ? escape ''`,
        [...bindings, valueOf(condition)],
      );
  }
}

/** @throws InputError where there is not one value for a comparator that takes one */
export function whereTag(
  builder: Knex.QueryBuilder,
  table: 'models' | 'versions',
  condition: TagCondition,
): void {
  const { key, comparator } = condition;
  if (comparator === '=') {
    const tag = JSON.stringify({ [key]: valueOf(condition) });
    builder.whereRaw(`${table}.tags @> ?::jsonb`, [tag]);
    return;
  }
  // A tag that is not there has no value, and none is then true.
  const operand = { sql: `(${table}.tags->>?::text)`, bindings: [key] };
  whereText(builder, operand, condition);
}

export function whereNumber(
  builder: Knex.QueryBuilder,
  sql: string,
  { comparator, value }: { comparator: NumberComparator; value: number },
): void {
  // As a whole number it is looked up in the index, as another one compared with each.
  const type = Number.isSafeInteger(value) ? 'bigint' : 'double precision';
  builder.whereRaw(
    `${sql} ${comparator === '!=' ? '<>' : comparator} ?::${type}`,
    [value],
  );
}

function valueOf({ field, comparator, values }: Comparison): string {
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) {
    throw new InputError(
      `conditions: ${field} ${comparator} takes one value, and has ${values.length}`,
    );
  }
  return value;
}

function begin(value: string): string {
  return [...value].slice(0, INDEXED_CHARACTERS).join('');
}
