import {
  MAX_SLICES_OF_COLUMN,
  type MeasuredSlice,
} from '@greenroom/plugin-ai-registry-common';
import { type ColumnValue, LEAST_ROWS, textOf } from './Answers';
import { intervalOfMean, mean } from './classification';

/** Columns of more different numbers are cut into quarters. */
const MOST_DISTINCT_NUMBERS = 10;
/** What an evaluation's slice may be called. */
const MOST_NAME_CHARACTERS = 100;
const OTHERS = 'other values';
const NO_VALUE = 'no value';

/** Rows (places in the list of values) of a part of them. */
export interface SliceRows {
  column: string;
  name: string;
  rows: number[];
}

/**
 * Parts the rows by the values of a column; each row is in one part. Parts in the order of their values.
 *
 * @param used - names of other slices, which are added to
 */
export function sliceRows(
  column: string,
  values: readonly ColumnValue[],
  used = new Set<string>(),
): SliceRows[] {
  const named = nameGroups(values);
  const groups = new Map<string, number[]>();
  named.names.forEach((name, row) => {
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  });
  const order = named.order ?? sorted(groups.keys());
  return order.flatMap(name => {
    const rows = groups.get(name);
    if (!rows) return [];
    return [{ column, name: unique(`${column} ${name}`, used), rows }];
  });
}

/** Each row's group by the most frequent values of a column; rarer ones are one group. */
export function groupNames(values: readonly ColumnValue[]): string[] {
  const texts = values.map(textOf);
  const counts = new Map<string, number>();
  for (const text of texts) {
    if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const isBounded = counts.size <= MAX_SLICES_OF_COLUMN - 1;
  const kept = isBounded
    ? undefined
    : new Set(
        [...counts]
          .sort(([, one], [, other]) => other - one)
          // Room for other values, and for none.
          .slice(0, MAX_SLICES_OF_COLUMN - 2)
          .map(([text]) => text),
      );
  return texts.map(text => {
    if (text === undefined) return NO_VALUE;
    return !kept || kept.has(text) ? text : OTHERS;
  });
}

/** What each slice has of the metric that decides. */
export function measureSlices(
  slices: readonly SliceRows[],
  perRow: readonly (number | undefined)[],
): MeasuredSlice[] {
  return slices.map(({ column, name, rows }) => {
    const values = rows
      .map(row => perRow[row])
      .filter(value => value !== undefined);
    return {
      column,
      name,
      rows: rows.length,
      ...(values.length > 0 && { value: mean(values) }),
      ...intervalOfMean(values),
      few: values.length < LEAST_ROWS,
    };
  });
}

function nameGroups(values: readonly ColumnValue[]): {
  names: string[];
  order?: string[];
} {
  const numbers = values.filter(value => typeof value === 'number');
  const isNumeric =
    new Set(numbers).size > MOST_DISTINCT_NUMBERS &&
    values.every(
      value => typeof value === 'number' || textOf(value) === undefined,
    );
  if (!isNumeric) {
    return {
      names: groupNames(values).map(name =>
        [OTHERS, NO_VALUE].includes(name) ? `(${name})` : `= ${name}`,
      ),
    };
  }
  const ascending = Float64Array.from(numbers).sort();
  const cuts = [1, 2, 3].map(
    quarter => ascending[Math.ceil((quarter * ascending.length) / 4) - 1],
  );
  const [first, second, third] = cuts;
  const bounds = [
    `≤ ${first}`,
    `> ${first} and ≤ ${second}`,
    `> ${second} and ≤ ${third}`,
    `> ${third}`,
  ];
  return {
    order: [...bounds, `(${NO_VALUE})`],
    names: values.map(value =>
      typeof value === 'number'
        ? bounds[cuts.filter(cut => value > cut).length]
        : `(${NO_VALUE})`,
    ),
  };
}

function sorted(names: Iterable<string>): string[] {
  const rank = (name: string) => (name.startsWith('(') ? 1 : 0);
  return [...names].sort(
    (a, b) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }),
  );
}

/** Long texts may begin alike. */
function unique(name: string, used: Set<string>): string {
  let short = name.slice(0, MOST_NAME_CHARACTERS);
  for (let next = 2; used.has(short); next++) {
    const end = ` (${next})`;
    short = name.slice(0, MOST_NAME_CHARACTERS - end.length) + end;
  }
  used.add(short);
  return short;
}
