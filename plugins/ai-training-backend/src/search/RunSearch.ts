import type { Knex } from 'knex';
import type { Condition, Field, Order } from './filter';
import { hashOfQuery } from './pageToken';
import { parseFilter } from './parseFilter';
import { parseOrder } from './parseOrder';
import { readPage, type Segment, type SortColumn } from './readPage';
import {
  checkMaxResults,
  experimentsSql,
  findExperiments,
  lifecycleSql,
  type ViewType,
  type Visible,
} from './scope';
import {
  completeOrder,
  type RunAttribute,
  runLanguage,
} from './SearchLanguage';
import { joinSql, type Sql, sql } from './sql';
import {
  doubleTestSql,
  indexedTextTestSql,
  integerTestSql,
  textTestSql,
} from './testSql';

export interface RunQuery {
  experimentIds: readonly string[];
  filter?: string;
  orderBy?: readonly string[];
  /** @defaultValue ACTIVE_ONLY */
  viewType?: ViewType;
  /** @defaultValue 1000 */
  maxResults?: number;
  pageToken?: string;
  visible?: Visible;
}

type RunCondition = Condition<RunAttribute>;
type RunField = Field<RunAttribute>;

const DEFAULT_RESULTS = 1_000;
const MOST_RESULTS = 50_000;
/** Looking up one value of each of so many runs takes some ten milliseconds. */
const FEW_RUNS = 5_000;

/** As runs are told theirs. */
const ARTIFACT_URI = sql`(select coalesce(e.artifact_location, 'mlflow-artifacts:/' || e.id)
  || '/' || r.run_id || '/artifacts' from experiments e where e.id = r.experiment) collate "C"`;

/** Of the runs of some experiments, which ones meet a filter, in an order. */
export class RunSearch {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * @returns numbers of runs, in order
   * @throws InputError when the question cannot be understood
   * @throws NotAllowedError when an experiment that is named may not be read
   */
  async search(
    query: RunQuery,
  ): Promise<{ runs: number[]; nextPageToken?: string }> {
    const { viewType = 'ACTIVE_ONLY', visible, pageToken } = query;
    const limit = checkMaxResults(
      query.maxResults ?? DEFAULT_RESULTS,
      MOST_RESULTS,
    );
    const conditions = parseFilter(query.filter, runLanguage);
    const order = parseOrder(query.orderBy ?? [], runLanguage);
    const experiments = await findExperiments(
      this.#knex,
      query.experimentIds,
      visible,
    );
    if (experiments.length === 0) return { runs: [] };
    const { ids, nextPageToken } = await readPage(this.#knex, {
      id: sql`r.id`,
      segments: runSegments({
        experiments,
        conditions,
        order,
        viewType,
        areFew: await this.#areFew(experiments),
      }),
      limit,
      hash: hashOfQuery(['runs', experiments, conditions, order, viewType]),
      pageToken,
    });
    return { runs: ids.map(Number), nextPageToken };
  }

  async #areFew(experiments: readonly string[]): Promise<boolean> {
    const { rows } = await sql`select count(*)::int as count from (
      select from runs r where ${experimentsSql(sql`r.experiment`, experiments)}
      limit ${FEW_RUNS + 1}) counted`.toRaw(this.#knex);
    return rows[0].count <= FEW_RUNS;
  }
}

/**
 * The statements that a search consists of.
 *
 * @remarks
 *
 * What is ordered by a metric, say, is read as lists one after the other: runs that have it, runs of
 * which it is NaN, and runs that lack it. Each can be read in its order from an index up to the end
 * of the page; one list of all could not, since those that lack it are in no index. Few are one list, which is sorted:
 * each is looked up in what it has, also where the database does not know yet how much there is.
 */
export function runSegments(options: {
  experiments: readonly string[];
  conditions: readonly RunCondition[];
  order: readonly Order<RunAttribute>[];
  viewType: ViewType;
  /** So few that each is looked at, instead of an index that has those of all experiments in order. */
  areFew: boolean;
}): Segment[] {
  const { experiments, viewType, areFew } = options;
  const order = completeOrder(runLanguage, options.order);
  const lists = areFew ? [listOfFew(order)] : listsOf(order);
  return lists.map(({ joins, conditions, columns }) => ({
    from: joinSql([sql`runs r`, ...joins], ' '),
    conditions: [
      experimentsSql(sql`r.experiment`, experiments),
      lifecycleSql(sql`r.lifecycle`, viewType),
      ...options.conditions.map(condition => conditionSql(condition, areFew)),
      ...conditions,
    ],
    columns,
  }));
}

interface List {
  joins: Sql[];
  conditions: Sql[];
  columns: SortColumn[];
}

function listOfFew(order: Order<RunAttribute>[]): List {
  return {
    joins: order.flatMap(({ field }, index) => {
      if (field.kind === 'attribute') return [];
      return [
        sql`left join lateral (${lookUp(field)}) ${joinName(index)} on true`,
      ];
    }),
    conditions: [],
    columns: order.flatMap(laterColumns),
  };
}

/** Of one run: the offset keeps the planner from reading what all runs have instead. */
function lookUp(field: RunField): Sql {
  return sql`select v.value from ${valueTable(field)} v
    where v.run = r.id and v.key = ${field.key} offset 0`;
}

/** The lists that an order consists of: where all are alike in the first field, those of the next ones. */
function listsOf(order: Order<RunAttribute>[]): List[] {
  const [first, ...rest] = order;
  return firstLists(first).flatMap(list => {
    if (list.columns.length === 0) {
      return listsOf(rest).map(later => ({
        ...later,
        conditions: [...list.conditions, ...later.conditions],
      }));
    }
    return [
      {
        joins: [
          ...list.joins,
          ...rest.flatMap(({ field }, index) => joinOf(field, index)),
        ],
        conditions: list.conditions,
        columns: [...list.columns, ...rest.flatMap(laterColumns)],
      },
    ];
  });
}

/** The lists that follow from what comes first; without columns where all are alike in it. */
function firstLists({ field, ascending }: Order<RunAttribute>): List[] {
  const missing = { joins: [], conditions: [lacksSql(field)], columns: [] };
  if (field.kind === 'attribute') {
    const { expression, type, nullable } = attributeColumn(field.key);
    const columns = [{ expression, type, ascending }];
    if (!nullable) return [{ joins: [], conditions: [], columns }];
    const present = sql`${expression} is not null`;
    return [{ joins: [], conditions: [present], columns }, missing];
  }
  const table = valueTable(field);
  const joins = [sql`join ${table} f on f.run = r.id and f.key = ${field.key}`];
  if (field.kind === 'metric') {
    return [
      {
        joins,
        conditions: [sql`f.value < 'NaN'`],
        columns: [{ expression: sql`f.value`, type: 'number', ascending }],
      },
      { joins: [], conditions: [isNaNSql(field.key)], columns: [] },
      missing,
    ];
  }
  const columns: SortColumn[] = [
    // By the start first, which has an index; the rest decides among those with the same.
    { expression: sql`left(f.value, 250)`, type: 'text', ascending },
    { expression: sql`f.value`, type: 'text', ascending },
  ];
  return [{ joins, conditions: [], columns }, missing];
}

function isNaNSql(key: string): Sql {
  return sql`exists (select from latest_metrics n
    where n.run = r.id and n.key = ${key} and n.value = 'NaN')`;
}

/** A field that is not first, by a row that may be missing. */
function joinOf(field: RunField, index: number): Sql[] {
  if (field.kind === 'attribute') return [];
  const table = valueTable(field);
  const name = joinName(index);
  return [
    sql`left join ${table} ${name} on ${name}.run = r.id and ${name}.key = ${field.key}`,
  ];
}

function laterColumns(
  { field, ascending }: Order<RunAttribute>,
  index: number,
): SortColumn[] {
  if (field.kind === 'attribute') {
    const { expression, type, nullable } = attributeColumn(field.key);
    const column = { expression, type, ascending };
    return nullable
      ? [rankOf(sql`(${expression} is null)::int`), column]
      : [column];
  }
  const expression = sql`${joinName(index)}.value`;
  if (field.kind !== 'metric') {
    const rank = rankOf(sql`(${expression} is null)::int`);
    return [rank, { expression, type: 'text', ascending }];
  }
  const rank = rankOf(
    sql`case when ${expression} is null then 2 when ${expression} = 'NaN' then 1 else 0 end`,
  );
  return [rank, { expression, type: 'number', ascending }];
}

function rankOf(expression: Sql): SortColumn {
  return { expression, type: 'integer', ascending: true };
}

/** As many as an order has fields. */
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

function joinName(index: number): Sql {
  return JOIN_NAMES[index];
}

function lacksSql(field: RunField): Sql {
  if (field.kind === 'attribute') {
    return sql`${attributeColumn(field.key).expression} is null`;
  }
  const table = valueTable(field);
  return sql`not exists (select from ${table} l where l.run = r.id and l.key = ${field.key})`;
}

function conditionSql(condition: RunCondition, areFew: boolean): Sql {
  const { field } = condition;
  if (condition.type === 'presence') {
    const lacks = lacksSql(field);
    return condition.comparator === 'IS NULL' ? lacks : sql`not (${lacks})`;
  }
  if (condition.type === 'number') {
    if (field.kind === 'attribute') {
      return integerTestSql(attributeColumn(field.key).expression, condition);
    }
    const test = doubleTestSql(sql`m.value`, condition);
    return areFew
      ? sql`exists (select from (${lookUp(field)}) m where ${test})`
      : sql`exists (select from latest_metrics m where m.run = r.id
          and m.key = ${field.key} and ${test})`;
  }
  switch (field.kind) {
    case 'attribute':
      return textTestSql(attributeColumn(field.key).expression, condition);
    case 'dataset':
      return sql`exists (select from run_inputs u join inputs i on i.id = u.input
        where u.run = r.id and ${textTestSql(
          inputColumn(field.key),
          condition,
        )})`;
    default:
      if (areFew) {
        return sql`exists (select from (${lookUp(field)}) t
          where ${textTestSql(sql`t.value`, condition)})`;
      }
      return sql`exists (select from ${valueTable(field)} t where t.run = r.id
        and t.key = ${field.key}
        and ${indexedTextTestSql(
          sql`t.value`,
          sql`left(t.value, 250)`,
          condition,
        )})`;
  }
}

function valueTable({ kind }: RunField): Sql {
  switch (kind) {
    case 'metric':
      return sql`latest_metrics`;
    case 'param':
      return sql`run_params`;
    default:
      return sql`run_tags`;
  }
}

function inputColumn(key: string): Sql {
  switch (key) {
    case 'name':
      return sql`i.name`;
    case 'digest':
      return sql`i.digest`;
    default:
      return sql`(u.tags ->> 'mlflow.data.context')`;
  }
}

function attributeColumn(key: RunAttribute): {
  expression: Sql;
  type: 'integer' | 'text';
  nullable: boolean;
} {
  const text = (expression: Sql) =>
    ({ expression, type: 'text', nullable: false } as const);
  switch (key) {
    case 'run_id':
      return text(sql`r.run_id`);
    case 'run_name':
      return text(sql`r.name`);
    case 'user_id':
      return text(sql`r.user_id`);
    case 'status':
      return text(sql`r.status`);
    case 'artifact_uri':
      return text(ARTIFACT_URI);
    case 'start_time':
      return { expression: sql`r.started_at`, type: 'integer', nullable: true };
    default:
      return { expression: sql`r.ended_at`, type: 'integer', nullable: true };
  }
}
