import type { Knex } from 'knex';
import type { Condition, Field } from './filter';
import { hashOfQuery } from './pageToken';
import { parseFilter } from './parseFilter';
import { parseOrder } from './parseOrder';
import { readPage, type SortColumn } from './readPage';
import {
  checkMaxResults,
  lifecycleSql,
  parseExperimentId,
  type ViewType,
  type Visible,
  visibleSql,
} from './scope';
import {
  completeOrder,
  type ExperimentAttribute,
  experimentLanguage,
} from './SearchLanguage';
import { type Sql, sql } from './sql';
import { integerTestSql, textTestSql } from './testSql';

export interface ExperimentQuery {
  filter?: string;
  orderBy?: readonly string[];
  /** @defaultValue ACTIVE_ONLY */
  viewType?: ViewType;
  /** @defaultValue 1000 */
  maxResults?: number;
  pageToken?: string;
  /** Those that may not be read are left out. */
  visible?: Visible;
}

type ExperimentCondition = Condition<ExperimentAttribute>;

const DEFAULT_RESULTS = 1_000;
const MOST_RESULTS = 50_000;

/** Which experiments meet a filter, in an order. */
export class ExperimentSearch {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * @returns ids of experiments, in order
   * @throws InputError when the question cannot be understood
   */
  async search(
    query: ExperimentQuery,
  ): Promise<{ experimentIds: string[]; nextPageToken?: string }> {
    const { viewType = 'ACTIVE_ONLY', visible, pageToken } = query;
    const conditions = parseFilter(query.filter, experimentLanguage);
    const order = parseOrder(query.orderBy ?? [], experimentLanguage);
    const { ids, nextPageToken } = await readPage(this.#knex, {
      id: sql`e.id::text`,
      segments: [
        {
          from: sql`experiments e`,
          conditions: [
            lifecycleSql(sql`e.lifecycle`, viewType),
            visible ? visibleSql(visible) : sql`true`,
            ...conditions.map(conditionSql),
          ],
          columns: completeOrder(experimentLanguage, order).map(columnOf),
        },
      ],
      limit: checkMaxResults(query.maxResults ?? DEFAULT_RESULTS, MOST_RESULTS),
      hash: hashOfQuery(['experiments', conditions, order, viewType]),
      pageToken,
    });
    return { experimentIds: ids, nextPageToken };
  }
}

function columnOf({
  field,
  ascending,
}: {
  field: Field<ExperimentAttribute>;
  ascending: boolean;
}): SortColumn {
  switch (field.key) {
    case 'experiment_id':
      return { expression: sql`e.id`, type: 'integer', ascending };
    case 'creation_time':
      return { expression: sql`e.created_at`, type: 'time', ascending };
    case 'last_update_time':
      return { expression: sql`e.updated_at`, type: 'time', ascending };
    default:
      return { expression: sql`e.name`, type: 'text', ascending };
  }
}

function conditionSql(condition: ExperimentCondition): Sql {
  const { field } = condition;
  if (condition.type === 'number') {
    return integerTestSql(millisOf(field), condition);
  }
  const tag = sql`select from experiment_tags t where t.experiment = e.id and t.key = ${field.key}`;
  if (condition.type === 'presence') {
    return condition.comparator === 'IS NULL'
      ? sql`not exists (${tag})`
      : sql`exists (${tag})`;
  }
  if (field.kind === 'tag') {
    return sql`exists (${tag} and ${textTestSql(sql`t.value`, condition)})`;
  }
  if (field.key === 'experiment_id') {
    return textTestSql(sql`e.id::text`, withExperimentIds(condition));
  }
  return textTestSql(sql`e.name`, condition);
}

function millisOf({ key }: Field<ExperimentAttribute>): Sql {
  const time = key === 'creation_time' ? sql`e.created_at` : sql`e.updated_at`;
  return sql`(extract(epoch from ${time}) * 1000)::bigint`;
}

/** As numbers are written, so that 01 is 1. */
function withExperimentIds<
  T extends ExperimentCondition & { type: 'text' | 'list' },
>(condition: T): T {
  return condition.type === 'list'
    ? { ...condition, values: condition.values.map(parseExperimentId) }
    : { ...condition, value: parseExperimentId(condition.value) };
}
