/** What conditions and orders are about. */
export type FieldKind = 'attribute' | 'metric' | 'param' | 'tag' | 'dataset';

/** One field of what is searched. Attributes have their own names: of aliases, the one that they stand for. */
export type Field<Attribute extends string = string> =
  | { kind: 'attribute'; key: Attribute }
  | { kind: Exclude<FieldKind, 'attribute'>; key: string };

export type NumberComparator = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type TextComparator = '=' | '!=' | 'LIKE' | 'ILIKE';
export type ListComparator = 'IN' | 'NOT IN';
export type PresenceComparator = 'IS NULL' | 'IS NOT NULL';
export type Comparator =
  | NumberComparator
  | TextComparator
  | ListComparator
  | PresenceComparator;

/** What a comparison asks of a field's value. */
export type Test =
  | { type: 'number'; comparator: NumberComparator; value: number }
  | { type: 'text'; comparator: TextComparator; value: string }
  | { type: 'list'; comparator: ListComparator; values: string[] }
  | { type: 'presence'; comparator: PresenceComparator };

/** A comparison of a filter. A filter is a list of them: all must hold. */
export type Condition<Attribute extends string = string> = Test & {
  field: Field<Attribute>;
};

/** One of the fields that results are put in order by. */
export interface Order<Attribute extends string = string> {
  field: Field<Attribute>;
  ascending: boolean;
}
