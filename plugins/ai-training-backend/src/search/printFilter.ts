import type { Condition, Field } from './filter';

/** Writes conditions so that they are read as the same ones. */
export function printFilter(conditions: readonly Condition[]): string {
  return conditions.map(printCondition).join(' AND ');
}

function printCondition(condition: Condition): string {
  const left = `${printField(condition.field)} ${condition.comparator}`;
  switch (condition.type) {
    case 'presence':
      return left;
    case 'number':
      return `${left} ${condition.value}`;
    case 'text':
      return `${left} ${quote(condition.value, "'")}`;
    default:
      return `${left} (${condition.values
        .map(it => quote(it, "'"))
        .join(', ')})`;
  }
}

function printField({ kind, key }: Field): string {
  return `${kind}.${quote(key, '`')}`;
}

function quote(text: string, mark: string): string {
  return `${mark}${text.replaceAll(mark, mark + mark)}${mark}`;
}
