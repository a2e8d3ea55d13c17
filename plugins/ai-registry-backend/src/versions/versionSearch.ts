import type {
  VersionCondition,
  VersionOrder,
  VersionSearch,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { KeyColumn } from '../paging/keyset';
import {
  type Operand,
  whereNumber,
  whereTag,
  whereText,
} from '../search/whereConditions';

/** What lists of versions are ordered by. */
export interface FoundKeys {
  model: string;
  version: number;
  external_name: string;
  created_at: Date;
  updated_at: Date;
}

const ORDERS: Record<VersionOrder, KeyColumn<FoundKeys>> = {
  externalName: {
    sql: 'models.external_name',
    type: 'text',
    keyOf: row => row.external_name,
  },
  version: {
    sql: 'versions.version',
    type: 'integer',
    keyOf: row => row.version,
  },
  createdAt: {
    sql: 'versions.created_at',
    type: 'timestamptz',
    keyOf: row => row.created_at.toISOString(),
  },
  updatedAt: {
    sql: 'versions.updated_at',
    type: 'timestamptz',
    keyOf: row => row.updated_at.toISOString(),
  },
};

const TEXTS: Record<'model' | 'externalName' | 'run' | 'sourceUri', Operand> = {
  model: { sql: 'versions.model' },
  externalName: { sql: 'models.external_name' },
  run: {
    sql: `(versions.source->>'run')`,
    indexed: `left(versions.source->>'run', 250)`,
  },
  sourceUri: {
    sql: `(versions.source->>'uri')`,
    indexed: `left(versions.source->>'uri', 250)`,
  },
};

/** With model and version last, which tell all apart. */
export function orderOf<Row extends FoundKeys>(
  order: VersionSearch['order'] = [{ by: 'updatedAt', descending: true }],
): KeyColumn<Row>[] {
  const columns = order.map(({ by, descending }) => ({
    ...ORDERS[by],
    descending,
  }));
  return [
    ...columns,
    ORDERS.externalName,
    { ...ORDERS.version, descending: true },
  ];
}

/** Adds conditions to a select on `versions` and `models`. */
export function whereVersionConditions(
  builder: Knex.QueryBuilder,
  conditions: readonly VersionCondition[],
): void {
  for (const condition of conditions) {
    switch (condition.field) {
      case 'tag':
        whereTag(builder, 'versions', condition);
        break;
      case 'alias':
        builder.whereExists(aliased =>
          aliased
            .from('aliases')
            .select(aliased.client.raw('1'))
            .whereRaw('aliases.model = versions.model')
            .whereRaw('aliases.version = versions.version')
            .where('aliases.alias', condition.value),
        );
        break;
      case 'version':
        whereNumber(builder, 'versions.version', condition);
        break;
      default:
        whereText(builder, TEXTS[condition.field], condition);
    }
  }
}

/** The newest in each stage of each model, found by the index rather than among all versions. */
export function whereLatestOfStages(
  builder: Knex.QueryBuilder,
  conditions: readonly VersionCondition[],
): void {
  builder.whereIn(['versions.model', 'versions.version'], latest => {
    latest
      .from('models')
      .joinRaw(
        `cross join unnest(array['None', 'Staging', 'Production', 'Archived']) as stages (stage)
         cross join lateral (
           select version from versions as newest
           where newest.model = models.name and newest.deleted_at is null
             and coalesce(newest.stage, 'None') = stages.stage
           order by newest.version desc limit 1
         ) as newest`,
      )
      .select('models.name', 'newest.version');
    for (const condition of conditions) {
      // So that not those of all models are looked for.
      if (condition.field === 'externalName') {
        whereText(latest, TEXTS.externalName, condition);
      } else if (condition.field === 'model') {
        whereText(latest, { sql: 'models.name' }, condition);
      }
    }
  });
}
