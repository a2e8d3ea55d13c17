import type { ModelVersion } from './version';

/** How a text is compared; LIKE and ILIKE as PostgreSQL has them, with `%` and `_`. */
export const TEXT_COMPARATORS = [
  '=',
  '!=',
  'LIKE',
  'ILIKE',
  'IN',
  'NOT IN',
] as const;

export type TextComparator = (typeof TEXT_COMPARATORS)[number];

export const NUMBER_COMPARATORS = ['=', '!=', '<', '<=', '>', '>='] as const;

export type NumberComparator = (typeof NUMBER_COMPARATORS)[number];

/** A condition on a text. */
export interface TextCondition<Field extends string> {
  field: Field;
  comparator: TextComparator;
  /** One for each comparator but IN and NOT IN. */
  values: string[];
}

/** A condition on a tag; a thing without the tag does not meet it, whatever the comparator. */
export interface TagCondition {
  field: 'tag';
  key: string;
  comparator: TextComparator;
  /** One for each comparator but IN and NOT IN. */
  values: string[];
}

export interface NumberCondition<Field extends string> {
  field: Field;
  comparator: NumberComparator;
  value: number;
}

export type ModelCondition = TextCondition<'externalName'> | TagCondition;

/** Versions that an alias of this name points at, of their models each. */
export interface AliasCondition {
  field: 'alias';
  value: string;
}

/** `run` and `sourceUri` are of {@link VersionSource}; a version without does not meet a condition on it. */
export type VersionCondition =
  | TextCondition<'model' | 'externalName' | 'run' | 'sourceUri'>
  | NumberCondition<'version'>
  | AliasCondition
  | TagCondition;

/** What a list is ordered by. */
export interface SearchOrder<Field extends string> {
  by: Field;
  descending?: boolean;
}

export const MODEL_ORDERS = ['externalName', 'createdAt', 'updatedAt'] as const;

export type ModelOrder = (typeof MODEL_ORDERS)[number];

export const VERSION_ORDERS = [
  'externalName',
  'version',
  'createdAt',
  'updatedAt',
] as const;

export type VersionOrder = (typeof VERSION_ORDERS)[number];

/** Which models are wanted. */
export interface ModelSearch {
  /** All of them hold. */
  conditions?: ModelCondition[];
  /** By external name where it is left out. */
  order?: SearchOrder<ModelOrder>[];
  /** 1 to 1,000; 100 where it is left out. */
  limit?: number;
  cursor?: string;
}

/** Which versions are wanted, of all models that the caller may read. */
export interface VersionSearch {
  /** All of them hold. */
  conditions?: VersionCondition[];
  /** Of each model only the newest in each stage, where no stage is one, too. */
  latestOfStages?: boolean;
  /** The last changed first where it is left out. */
  order?: SearchOrder<VersionOrder>[];
  /** 1 to 1,000; 100 where it is left out. */
  limit?: number;
  cursor?: string;
}

/** A version that a search over all models has found. */
export interface FoundVersion extends ModelVersion {
  /** Of its model. */
  externalName: string;
  /** When what is said of it last changed, ISO 8601. */
  updatedAt: string;
}

/** Part of what was found, in order. */
export interface SearchPage<T> {
  items: T[];
  /** Give it back as `cursor` for the next page; undefined on the last one. */
  nextCursor?: string;
}
