import type { Comparator, Field, FieldKind, Order } from './filter';

/** What one attribute can be asked for. */
export interface Attribute {
  type: 'text' | 'number';
  /** Those of its type unless given. */
  comparators?: readonly Comparator[];
  /** Whether filters may name it. Default true. */
  filter?: boolean;
  /** Whether orders may name it. Default true. */
  order?: boolean;
}

/** What one kind of thing can be asked for: a description that one grammar reads. */
export interface SearchLanguage<A extends string = string> {
  /** Prefixes of fields, and what each means; without a prefix, a field is an attribute. */
  prefixes: Readonly<Record<string, FieldKind>>;
  attributes: Readonly<Record<A, Attribute>>;
  /** Other names of attributes. */
  aliases: Readonly<Record<string, A>>;
  /** Comparators of what is no attribute. */
  comparators: Readonly<Partial<Record<FieldKind, readonly Comparator[]>>>;
  /** Keys of the kind `dataset`. */
  datasetKeys?: readonly string[];
  /** What results can be put in order by, besides attributes. */
  orderedBy: readonly FieldKind[];
  /** How results are put in order where nothing is asked for. */
  defaultOrder: readonly Order<A>[];
  /** What comes after the fields that are asked for, so that each order is total. */
  tieBreakers: readonly Order<A>[];
}

export const NUMBER_COMPARATORS = ['>', '>=', '!=', '=', '<', '<='] as const;
export const TEXT_COMPARATORS = [
  '!=',
  '=',
  'LIKE',
  'ILIKE',
  'IN',
  'NOT IN',
] as const;
const PATTERN_COMPARATORS = ['!=', '=', 'LIKE', 'ILIKE'] as const;
const IDENTITY_COMPARATORS = ['!=', '=', 'IN', 'NOT IN'] as const;
const PRESENCE_COMPARATORS = ['IS NULL', 'IS NOT NULL'] as const;

const text: Attribute = { type: 'text' };
const number: Attribute = { type: 'number' };
const orderOnly: Attribute = { type: 'number', filter: false };

const TAGS = { tag: 'tag', tags: 'tag' } as const;
const ATTRIBUTES = { attribute: 'attribute', attributes: 'attribute' } as const;
const PARAMS = {
  param: 'param',
  params: 'param',
  parameter: 'param',
  parameters: 'param',
} as const;
const METRICS = { metric: 'metric', metrics: 'metric' } as const;

const asc = <A extends string>(key: A): Order<A> => ({
  field: { kind: 'attribute', key },
  ascending: true,
});
const desc = <A extends string>(key: A): Order<A> => ({
  ...asc(key),
  ascending: false,
});

export type RunAttribute =
  | 'run_id'
  | 'run_name'
  | 'user_id'
  | 'status'
  | 'start_time'
  | 'end_time'
  | 'artifact_uri';

export const runLanguage: SearchLanguage<RunAttribute> = {
  prefixes: {
    ...METRICS,
    ...PARAMS,
    ...TAGS,
    ...ATTRIBUTES,
    attr: 'attribute',
    run: 'attribute',
    dataset: 'dataset',
    datasets: 'dataset',
  },
  attributes: {
    run_id: text,
    run_name: text,
    user_id: text,
    status: text,
    start_time: number,
    end_time: number,
    artifact_uri: text,
  },
  aliases: {
    created: 'start_time',
    Created: 'start_time',
    'run name': 'run_name',
    'Run name': 'run_name',
    'Run Name': 'run_name',
  },
  comparators: {
    metric: NUMBER_COMPARATORS,
    param: [...PATTERN_COMPARATORS, ...PRESENCE_COMPARATORS],
    tag: [...PATTERN_COMPARATORS, ...PRESENCE_COMPARATORS],
    dataset: TEXT_COMPARATORS,
  },
  datasetKeys: ['name', 'digest', 'context'],
  orderedBy: ['metric', 'param', 'tag'],
  defaultOrder: [desc('start_time'), asc('run_id')],
  tieBreakers: [desc('start_time'), asc('run_id')],
};

export type ExperimentAttribute =
  | 'name'
  | 'experiment_id'
  | 'creation_time'
  | 'last_update_time';

export const experimentLanguage: SearchLanguage<ExperimentAttribute> = {
  prefixes: { ...ATTRIBUTES, ...TAGS },
  attributes: {
    name: text,
    experiment_id: { type: 'text', comparators: IDENTITY_COMPARATORS },
    creation_time: number,
    last_update_time: number,
  },
  aliases: {},
  comparators: { tag: [...PATTERN_COMPARATORS, ...PRESENCE_COMPARATORS] },
  orderedBy: [],
  defaultOrder: [desc('creation_time'), asc('experiment_id')],
  tieBreakers: [desc('experiment_id')],
};

export type LoggedModelAttribute =
  | 'name'
  | 'model_id'
  | 'model_type'
  | 'status'
  | 'source_run_id'
  | 'creation_timestamp'
  | 'last_updated_timestamp';

export const loggedModelLanguage: SearchLanguage<LoggedModelAttribute> = {
  prefixes: { ...ATTRIBUTES, ...METRICS, ...PARAMS, ...TAGS },
  attributes: {
    name: text,
    model_id: text,
    model_type: text,
    status: { type: 'text', comparators: IDENTITY_COMPARATORS },
    source_run_id: text,
    creation_timestamp: number,
    last_updated_timestamp: number,
  },
  aliases: {
    creation_time: 'creation_timestamp',
    creation_timestamp_ms: 'creation_timestamp',
    last_updated_timestamp_ms: 'last_updated_timestamp',
  },
  comparators: {
    metric: NUMBER_COMPARATORS,
    param: PATTERN_COMPARATORS,
    tag: PATTERN_COMPARATORS,
  },
  orderedBy: ['metric'],
  defaultOrder: [desc('creation_timestamp'), asc('model_id')],
  tieBreakers: [desc('creation_timestamp'), asc('model_id')],
};

export type RegisteredModelAttribute =
  | 'name'
  | 'creation_timestamp'
  | 'last_updated_timestamp';

export const registeredModelLanguage: SearchLanguage<RegisteredModelAttribute> =
  {
    prefixes: { ...ATTRIBUTES, ...TAGS },
    attributes: {
      name: text,
      creation_timestamp: orderOnly,
      last_updated_timestamp: orderOnly,
    },
    aliases: { timestamp: 'last_updated_timestamp' },
    comparators: { tag: PATTERN_COMPARATORS },
    orderedBy: [],
    defaultOrder: [asc('name')],
    tieBreakers: [asc('name')],
  };

export type ModelVersionAttribute =
  | 'name'
  | 'version_number'
  | 'run_id'
  | 'source_path'
  | 'creation_timestamp'
  | 'last_updated_timestamp';

export const modelVersionLanguage: SearchLanguage<ModelVersionAttribute> = {
  prefixes: { ...ATTRIBUTES, ...TAGS },
  attributes: {
    name: text,
    version_number: number,
    run_id: { type: 'text', order: false },
    source_path: { type: 'text', order: false },
    creation_timestamp: orderOnly,
    last_updated_timestamp: orderOnly,
  },
  aliases: {},
  comparators: { tag: PATTERN_COMPARATORS },
  orderedBy: [],
  defaultOrder: [
    desc('last_updated_timestamp'),
    asc('name'),
    desc('version_number'),
  ],
  tieBreakers: [asc('name'), desc('version_number')],
};

/** The order that was asked for, or else the usual one; made total. */
export function completeOrder<A extends string>(
  language: SearchLanguage<A>,
  order: readonly Order<A>[],
): Order<A>[] {
  if (order.length === 0) return [...language.defaultOrder];
  const isNamed = ({ field }: Order<A>) =>
    order.some(named => isSameField(named.field, field));
  return [...order, ...language.tieBreakers.filter(it => !isNamed(it))];
}

export function isSameField(one: Field, other: Field): boolean {
  return one.kind === other.kind && one.key === other.key;
}
