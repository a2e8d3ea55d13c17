import { InputError } from '@backstage/errors';
import type {
  Comparator,
  Condition,
  Field,
  FieldKind,
  ListComparator,
  NumberComparator,
  PresenceComparator,
  Test,
  TextComparator,
} from './filter';
import type {
  WrittenCondition,
  WrittenField,
  WrittenValue,
} from './FilterReader';
import {
  NUMBER_COMPARATORS,
  type SearchLanguage,
  TEXT_COMPARATORS,
} from './SearchLanguage';

/** What kinds are called in messages. */
const NAMES: Record<FieldKind, string> = {
  attribute: 'attributes',
  metric: 'metric',
  param: 'parameter',
  tag: 'tag',
  dataset: 'dataset attributes',
};

/** @throws InputError that names the field, comparator or value that means nothing in this language */
export function understandCondition<A extends string>(
  written: WrittenCondition,
  language: SearchLanguage<A>,
): Condition<A> {
  const field = understandField(written.field, language, 'filter');
  return { field, ...understandTest(written, field, language) };
}

/** @throws InputError that names the prefix or key that there is not */
export function understandField<A extends string>(
  written: WrittenField,
  language: SearchLanguage<A>,
  use: 'filter' | 'order',
): Field<A> {
  const { prefix, key } = written;
  const kind = prefix === undefined ? 'attribute' : kindOf(prefix, language);
  if (kind === 'attribute') {
    return { kind, key: understandAttribute(key, language, use) };
  }
  const datasetKeys = language.datasetKeys ?? [];
  if (kind === 'dataset' && !datasetKeys.includes(key)) {
    throw new InputError(
      `Invalid dataset key '${key}' specified. Valid keys are '${datasetKeys.join(
        ', ',
      )}'`,
    );
  }
  return { kind, key };
}

function kindOf(prefix: string, { prefixes }: SearchLanguage): FieldKind {
  if (Object.hasOwn(prefixes, prefix)) return prefixes[prefix];
  throw new InputError(
    `Invalid entity type '${prefix}'. Valid values are ${Object.keys(
      prefixes,
    ).join(', ')}`,
  );
}

function understandAttribute<A extends string>(
  key: string,
  { attributes, aliases }: SearchLanguage<A>,
  use: 'filter' | 'order',
): A {
  const name = Object.hasOwn(aliases, key) ? aliases[key] : key;
  const isAttribute = (text: string): text is A =>
    Object.hasOwn(attributes, text) && attributes[text as A][use] !== false;
  if (isAttribute(name)) return name;
  const valid = Object.keys(attributes).filter(isAttribute).join(', ');
  throw new InputError(
    `Invalid attribute key '${key}' specified. Valid keys are '${valid}'`,
  );
}

function understandTest<A extends string>(
  { comparator, value }: WrittenCondition,
  field: Field<A>,
  language: SearchLanguage<A>,
): Test {
  const isNumber = isNumeric(field, language);
  if (isNumber && value.type !== 'number' && value.type !== 'none') {
    const what =
      field.kind === 'metric' ? 'metric' : `numeric attribute: ${field.key}`;
    throw new InputError(
      `Expected numeric value type for ${what}. Found ${value.text}`,
    );
  }
  if (!isNumber) requireText(value, comparator, field);
  const known = comparatorsOf(field, language).find(it => it === comparator);
  if (known === undefined) {
    throw new InputError(
      `Invalid comparator '${comparator}' not one of '${comparatorsOf(
        field,
        language,
      ).join(', ')}' for ${field.kind} '${field.key}'`,
    );
  }
  return testOf(known, value, field);
}

function isNumeric<A extends string>(
  field: Field<A>,
  { attributes }: SearchLanguage<A>,
): boolean {
  return field.kind === 'attribute'
    ? attributes[field.key].type === 'number'
    : field.kind === 'metric';
}

function comparatorsOf<A extends string>(
  field: Field<A>,
  language: SearchLanguage<A>,
): readonly Comparator[] {
  if (field.kind !== 'attribute') return language.comparators[field.kind] ?? [];
  const { type, comparators } = language.attributes[field.key];
  const usual = type === 'number' ? NUMBER_COMPARATORS : TEXT_COMPARATORS;
  return comparators ?? usual;
}

function requireText(
  value: WrittenValue,
  comparator: string,
  field: Field,
): void {
  const takesList = comparator === 'IN' || comparator === 'NOT IN';
  if (value.type === 'bare') {
    throw new InputError(
      `Parameter value is either not quoted or unidentified quote types used for string value ${value.text}. Use either single or double quotes.`,
    );
  }
  if (value.type === 'number' || (value.type === 'list' && !takesList)) {
    throw new InputError(
      `Expected a quoted string value for ${
        NAMES[field.kind]
      } (e.g. 'my-value'). Got value ${value.text}`,
    );
  }
  if (value.type === 'text' && takesList) {
    throw new InputError(
      `While parsing a list in the query, expected a non-empty list of string values such as ('a', 'b'), but got ${value.text}`,
    );
  }
}

function testOf(
  comparator: Comparator,
  value: WrittenValue,
  field: Field,
): Test {
  switch (value.type) {
    case 'none':
      return { type: 'presence', comparator: comparator as PresenceComparator };
    case 'number':
      return {
        type: 'number',
        comparator: comparator as NumberComparator,
        value: value.value,
      };
    case 'text':
      return {
        type: 'text',
        comparator: comparator as TextComparator,
        value: value.value,
      };
    case 'list':
      return {
        type: 'list',
        comparator: comparator as ListComparator,
        values: textsOf(value),
      };
    default:
      throw new InputError(
        `Expected a quoted string value for ${
          NAMES[field.kind]
        } (e.g. 'my-value'). Got value ${value.text}`,
      );
  }
}

function textsOf(list: WrittenValue & { type: 'list' }): string[] {
  if (list.items.length === 0) {
    throw new InputError(
      'While parsing a list in the query, expected a non-empty list of string values, but got empty list',
    );
  }
  return list.items.map(item => {
    if (item.type === 'text') return item.value;
    throw new InputError(
      `While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: ${list.text}`,
    );
  });
}
