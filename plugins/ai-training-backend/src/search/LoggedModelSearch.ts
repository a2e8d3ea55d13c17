import { InputError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { Condition, Field } from './filter';
import { hashOfQuery } from './pageToken';
import { parseField, parseFilter } from './parseFilter';
import { readPage, type SortColumn } from './readPage';
import {
  checkMaxResults,
  experimentsSql,
  findExperiments,
  type Visible,
} from './scope';
import {
  completeOrder,
  type LoggedModelAttribute,
  loggedModelLanguage,
} from './SearchLanguage';
import { allOf, anyOf, joinSql, type Sql, sql } from './sql';
import { doubleTestSql, integerTestSql, textTestSql } from './testSql';
import { understandField } from './understandCondition';

/** Metrics that were measured on it count; without a digest, on any of that name. */
export interface OnDataset {
  datasetName: string;
  datasetDigest?: string;
}

/** A field that models are put in order by; of a metric also on which dataset it was measured. */
export interface LoggedModelOrder extends Partial<OnDataset> {
  fieldName: string;
  /** @defaultValue true */
  ascending?: boolean;
}

export interface LoggedModelQuery {
  experimentIds: readonly string[];
  filter?: string;
  /** Only metrics on one of them count; where the filter asks for no metric, models without any on them are left out. */
  datasets?: readonly OnDataset[];
  orderBy?: readonly LoggedModelOrder[];
  /** @defaultValue 100 */
  maxResults?: number;
  pageToken?: string;
  visible?: Visible;
}

type ModelCondition = Condition<LoggedModelAttribute>;
type ModelField = Field<LoggedModelAttribute>;

interface UnderstoodOrder {
  field: ModelField;
  ascending: boolean;
  dataset?: OnDataset;
}

const DEFAULT_RESULTS = 100;
const MOST_RESULTS = 50_000;
const MAX_ORDER = 8;
const MAX_DATASETS = 100;

/** As MLflow calls the states of a model, and as they are kept. */
const STATUSES: Readonly<Record<string, string>> = {
  PENDING: 'PENDING',
  READY: 'READY',
  FAILED: 'UPLOAD_FAILED',
  UPLOAD_FAILED: 'UPLOAD_FAILED',
};

/** Of the logged models of some experiments that were not deleted, which ones meet a filter, in an order. */
export class LoggedModelSearch {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * @returns ids of logged models, in order
   * @throws InputError when the question cannot be understood
   * @throws NotAllowedError when an experiment that is named may not be read
   */
  async search(
    query: LoggedModelQuery,
  ): Promise<{ modelIds: string[]; nextPageToken?: string }> {
    const { datasets = [], visible, pageToken } = query;
    checkDatasets(datasets);
    const limit = checkMaxResults(
      query.maxResults ?? DEFAULT_RESULTS,
      MOST_RESULTS,
    );
    const conditions = parseFilter(query.filter, loggedModelLanguage);
    const order = understandOrder(query.orderBy ?? []);
    const experiments = await findExperiments(
      this.#knex,
      query.experimentIds,
      visible,
    );
    if (experiments.length === 0) return { modelIds: [] };
    const asksForMetric = conditions.some(
      ({ field }) => field.kind === 'metric',
    );
    const completed = completeModelOrder(order);
    const { ids, nextPageToken } = await readPage(this.#knex, {
      id: sql`l.model_id`,
      segments: [
        {
          from: joinSql(
            [
              sql`logged_models l`,
              ...completed.flatMap((it, index) => joinOf(it, index, datasets)),
            ],
            ' ',
          ),
          conditions: [
            experimentsSql(sql`l.experiment`, experiments),
            sql`l.lifecycle = 'active'`,
            ...conditions.map(it => conditionSql(it, datasets)),
            ...(datasets.length > 0 && !asksForMetric
              ? [hasMetricSql(datasets)]
              : []),
          ],
          columns: completed.flatMap(columnsOf),
        },
      ],
      limit,
      hash: hashOfQuery([
        'logged-models',
        experiments,
        conditions,
        order,
        datasets,
      ]),
      pageToken,
    });
    return { modelIds: ids, nextPageToken };
  }
}

function checkDatasets(datasets: readonly OnDataset[]): void {
  if (datasets.length > MAX_DATASETS) {
    throw new InputError(
      `Invalid value for parameter 'datasets': it names ${datasets.length} datasets, name at most ${MAX_DATASETS}`,
    );
  }
  if (datasets.some(({ datasetName }) => datasetName === '')) {
    throw new InputError(
      '`dataset_name` in the `datasets` clause must be specified.',
    );
  }
}

function understandOrder(
  orderBy: readonly LoggedModelOrder[],
): UnderstoodOrder[] {
  if (orderBy.length > MAX_ORDER) {
    throw new InputError(
      `Invalid order_by: it names ${orderBy.length} fields, order by at most ${MAX_ORDER}`,
    );
  }
  return orderBy.map(({ fieldName, ascending = true, ...on }) => {
    const written = readField(fieldName);
    if (!written) {
      throw new InputError(
        `Invalid order by field name: ${fieldName}. Expected an attribute such as creation_timestamp, or metrics.<name>`,
      );
    }
    const field = understandField(written, loggedModelLanguage, 'order');
    if (field.kind !== 'attribute' && field.kind !== 'metric') {
      throw new InputError(
        `Invalid order by field name: ${fieldName}. Only metrics are supported.`,
      );
    }
    const { datasetName, datasetDigest } = on;
    const dataset =
      field.kind === 'metric' && datasetName
        ? { datasetName, datasetDigest }
        : undefined;
    return { field, ascending, dataset };
  });
}

/** What stands after the dot is the metric's name, also where it is not in back-ticks. */
function readField(text: string) {
  const metric = /^metrics\.([^`"].*)$/s.exec(text);
  if (metric) return { prefix: 'metrics', key: metric[1], text };
  try {
    return parseField(text);
  } catch {
    // Told in the words of orders, not of filters.
    return undefined;
  }
}

function completeModelOrder(order: UnderstoodOrder[]): UnderstoodOrder[] {
  const byAttribute = order.filter(({ field }) => field.kind === 'attribute');
  const usual = completeOrder(loggedModelLanguage, byAttribute);
  return [...order, ...usual.slice(byAttribute.length)];
}

const JOIN_NAMES = [
  sql`o0`,
  sql`o1`,
  sql`o2`,
  sql`o3`,
  sql`o4`,
  sql`o5`,
  sql`o6`,
  sql`o7`,
];

function joinOf(
  { field, dataset }: UnderstoodOrder,
  index: number,
  datasets: readonly OnDataset[],
): Sql[] {
  if (field.kind !== 'metric') return [];
  const latest = latestMetricSql(field.key, [
    ...(dataset ? [onDatasetSql(dataset)] : []),
    ...onDatasetsSql(datasets),
  ]);
  return [sql`left join lateral (${latest}) ${JOIN_NAMES[index]} on true`];
}

function columnsOf(
  { field, ascending }: UnderstoodOrder,
  index: number,
): SortColumn[] {
  if (field.kind === 'metric') {
    const expression = sql`${JOIN_NAMES[index]}.value`;
    const rank = sql`case when ${expression} is null then 2 when ${expression} = 'NaN' then 1 else 0 end`;
    return [
      { expression: rank, type: 'integer', ascending: true },
      { expression, type: 'number', ascending },
    ];
  }
  switch (field.key) {
    case 'creation_timestamp':
      return [{ expression: sql`l.created_at`, type: 'time', ascending }];
    case 'last_updated_timestamp':
      return [{ expression: sql`l.updated_at`, type: 'time', ascending }];
    default: {
      const expression = textColumn(field.key);
      const rank = sql`(${expression} is null)::int`;
      const column: SortColumn = { expression, type: 'text', ascending };
      const isNullable =
        field.key === 'model_type' || field.key === 'source_run_id';
      return isNullable
        ? [{ expression: rank, type: 'integer', ascending: true }, column]
        : [column];
    }
  }
}

function textColumn(key: string): Sql {
  switch (key) {
    case 'name':
      return sql`l.name`;
    case 'model_type':
      return sql`l.model_type`;
    case 'status':
      return sql`l.status`;
    case 'source_run_id':
      return sql`(select s.run_id from runs s where s.id = l.source_run)`;
    default:
      return sql`l.model_id`;
  }
}

function conditionSql(
  condition: ModelCondition,
  datasets: readonly OnDataset[],
): Sql {
  const { field } = condition;
  // No field of models takes such a test.
  if (condition.type === 'presence') return sql`false`;
  if (condition.type === 'number') {
    if (field.kind === 'metric') {
      const latest = latestMetricSql(field.key, onDatasetsSql(datasets));
      return sql`exists (select from (${latest}) v where ${doubleTestSql(
        sql`v.value`,
        condition,
      )})`;
    }
    const time =
      field.key === 'creation_timestamp'
        ? sql`l.created_at`
        : sql`l.updated_at`;
    return integerTestSql(
      sql`(extract(epoch from ${time}) * 1000)::bigint`,
      condition,
    );
  }
  if (field.kind === 'attribute') {
    const test = field.key === 'status' ? withStatuses(condition) : condition;
    return textTestSql(textColumn(field.key), test);
  }
  const table =
    field.kind === 'param' ? sql`logged_model_params` : sql`logged_model_tags`;
  return sql`exists (select from ${table} t where t.model_id = l.model_id
    and t.key = ${field.key} and ${textTestSql(sql`t.value`, condition)})`;
}

/** Of all runs that measured it, the greatest by step, then time, then value. */
function latestMetricSql(key: string, conditions: readonly Sql[]): Sql {
  return sql`select m.value from logged_model_metrics m
    where m.model_id = l.model_id and m.key = ${key} and ${allOf(conditions)}
    order by m.step desc, m.at desc, m.value desc limit 1`;
}

function hasMetricSql(datasets: readonly OnDataset[]): Sql {
  return sql`exists (select from logged_model_metrics m
    where m.model_id = l.model_id and ${allOf(onDatasetsSql(datasets))})`;
}

function onDatasetsSql(datasets: readonly OnDataset[]): Sql[] {
  return datasets.length === 0 ? [] : [anyOf(datasets.map(onDatasetSql))];
}

function onDatasetSql({ datasetName, datasetDigest }: OnDataset): Sql {
  return datasetDigest
    ? sql`(m.dataset_name = ${datasetName} and m.dataset_digest = ${datasetDigest})`
    : sql`m.dataset_name = ${datasetName}`;
}

function withStatuses<T extends ModelCondition & { type: 'text' | 'list' }>(
  condition: T,
): T {
  return condition.type === 'list'
    ? { ...condition, values: condition.values.map(statusOf) }
    : { ...condition, value: statusOf(condition.value) };
}

function statusOf(name: string): string {
  if (Object.hasOwn(STATUSES, name)) return STATUSES[name];
  throw new InputError(
    `Unknown model status in filter: '${name}'. Expected PENDING, READY or FAILED`,
  );
}
