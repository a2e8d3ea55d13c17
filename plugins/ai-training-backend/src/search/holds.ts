import type { Condition, Order, Test } from './filter';

/** What one thing has of a field: of metrics numbers, of texts texts; nothing where it lacks it. */
export type FieldValues = readonly (string | number)[];

/**
 * Whether a condition holds for what a thing has of its field: for one of the values, where there are
 * several. What is missing satisfies nothing but IS NULL, and NaN nothing but !=.
 */
export function holds(condition: Condition, values: FieldValues): boolean {
  if (condition.type === 'presence') {
    return values.length > 0 === (condition.comparator === 'IS NOT NULL');
  }
  return values.some(value => isMet(condition, value));
}

/**
 * Compares by one field of an order, as `sort` wants it: numbers, then NaN, then what lacks the field,
 * in both directions; texts by their bytes in UTF-8.
 */
export function compareBy(
  { ascending }: Order,
  one: string | number | undefined,
  other: string | number | undefined,
): number {
  const byRank = rankOf(one) - rankOf(other);
  if (byRank !== 0 || one === undefined || other === undefined) return byRank;
  const difference = compareValues(one, other);
  return ascending ? difference : -difference;
}

function isMet(
  test: Exclude<Test, { type: 'presence' }>,
  value: string | number,
): boolean {
  if (test.type === 'number') return isNumberMet(test, Number(value));
  const text = String(value);
  if (test.type === 'list') {
    return test.values.includes(text) === (test.comparator === 'IN');
  }
  switch (test.comparator) {
    case '=':
      return text === test.value;
    case '!=':
      return text !== test.value;
    case 'LIKE':
      return patternOf(test.value, 'su').test(text);
    default:
      return patternOf(test.value, 'sui').test(text);
  }
}

function isNumberMet(
  { comparator, value }: Test & { type: 'number' },
  number: number,
): boolean {
  switch (comparator) {
    case '=':
      return number === value;
    case '!=':
      return number !== value;
    case '<':
      return number < value;
    case '<=':
      return number <= value;
    case '>':
      return number > value;
    default:
      return number >= value;
  }
}

/** `%` stands for any text, `_` for one character, everything else for itself. */
function patternOf(like: string, flags: string): RegExp {
  const source = Array.from(like, character => {
    if (character === '%') return '.*';
    return character === '_'
      ? '.'
      : character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`, flags);
}

function rankOf(value: string | number | undefined): number {
  if (value === undefined) return 2;
  return Number.isNaN(value) ? 1 : 0;
}

function compareValues(one: string | number, other: string | number): number {
  if (typeof one === 'string' && typeof other === 'string') {
    return Buffer.compare(Buffer.from(one), Buffer.from(other));
  }
  const [a, b] = [Number(one), Number(other)];
  if (a === b || Number.isNaN(a)) return 0;
  return a < b ? -1 : 1;
}
