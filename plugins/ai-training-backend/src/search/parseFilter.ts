import type { Condition } from './filter';
import { FilterReader, type WrittenField } from './FilterReader';
import type { SearchLanguage } from './SearchLanguage';
import { understandCondition } from './understandCondition';

/**
 * Reads a filter: comparisons with AND between them. Without one, there are none.
 *
 * @throws InputError that says where it cannot be read and what was expected there, or which field,
 * comparator or value is none that can be searched by
 */
export function parseFilter<A extends string>(
  filter: string | undefined,
  language: SearchLanguage<A>,
): Condition<A>[] {
  return new FilterReader(filter ?? '')
    .readAll()
    .map(written => understandCondition(written, language));
}

/** Reads one field with nothing after it, such as that of an order. */
export function parseField(text: string): WrittenField | undefined {
  const reader = new FilterReader(text);
  const field = reader.readField();
  return reader.isAtEnd ? field : undefined;
}
