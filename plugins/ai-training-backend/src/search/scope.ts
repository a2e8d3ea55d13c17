import { InputError, NotAllowedError } from '@backstage/errors';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import { aiExperimentReadPermission } from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import type { OwnerCondition } from '../permissions';
import { allOf, anyOf, type Sql, sql } from './sql';

/** Of deleted things only, of those that are not, or both. */
export type ViewType = 'ACTIVE_ONLY' | 'DELETED_ONLY' | 'ALL';

/** Which experiments a caller may read, as the permission's conditions say; where nothing is said, all. */
export type Visible = PermissionCriteria<OwnerCondition> | 'nothing';

export const MAX_EXPERIMENTS = 1_000;

/** Whether an experiment, that is called `e` in the statement, may be read. */
export function visibleSql(visible: Visible): Sql {
  if (visible === 'nothing') return sql`false`;
  if ('anyOf' in visible) return anyOf(visible.anyOf.map(visibleSql));
  if ('allOf' in visible) return sql`(${allOf(visible.allOf.map(visibleSql))})`;
  if ('not' in visible) return sql`not ${visibleSql(visible.not)}`;
  if ('nameLike' in visible) {
    return sql`e.id::text like any(${visible.nameLike})`;
  }
  return sql`e.owner = any(${visible.ownerIn})`;
}

export function lifecycleSql(column: Sql, viewType: ViewType): Sql {
  switch (viewType) {
    case 'ACTIVE_ONLY':
      return sql`${column} = 'active'`;
    case 'DELETED_ONLY':
      return sql`${column} = 'deleted'`;
    default:
      return sql`true`;
  }
}

/** @throws InputError for what is no number of an experiment */
export function parseExperimentId(id: string): string {
  if (/^\d{1,18}$/.test(id)) return String(BigInt(id));
  throw new InputError(
    `Invalid experiment ID '${id}': expected a whole number such as 1`,
  );
}

/** A list of experiments as a condition; one alone as an equation, which keeps the order of an index. */
export function experimentsSql(
  column: Sql,
  experiments: readonly string[],
): Sql {
  return experiments.length === 1
    ? sql`${column} = ${experiments[0]}::bigint`
    : sql`${column} = any(${[...experiments]}::bigint[])`;
}

/**
 * Those of the experiments that there are.
 *
 * @throws InputError for what is no number of an experiment, or more than a thousand
 * @throws NotAllowedError when the caller may not read one of them
 */
export async function findExperiments(
  knex: Knex,
  ids: readonly string[],
  visible: Visible | undefined,
): Promise<string[]> {
  const wanted = [...new Set(ids.map(parseExperimentId))];
  if (wanted.length > MAX_EXPERIMENTS) {
    throw new InputError(
      `Invalid value for parameter 'experiment_ids': it names ${wanted.length} experiments, search at most ${MAX_EXPERIMENTS} at once`,
    );
  }
  const isVisible = visible ? visibleSql(visible) : sql`true`;
  const { rows } = await sql`select e.id::text, ${isVisible} as visible
    from experiments e where e.id = any(${wanted}::bigint[])`.toRaw(knex);
  const found = rows as { id: string; visible: boolean }[];
  const hidden = found.find(it => !it.visible);
  if (hidden) {
    throw new NotAllowedError(
      `You need the permission '${aiExperimentReadPermission.name}' on experiment '${hidden.id}': ask its owner or a platform administrator`,
    );
  }
  return found.map(({ id }) => id).sort();
}

/** @throws InputError unless it is a whole number from 1 to the most that a page takes */
export function checkMaxResults(value: number, most: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new InputError(
      `Invalid value ${value} for parameter 'max_results' supplied. It must be a positive integer`,
    );
  }
  if (value > most) {
    throw new InputError(
      `Invalid value ${value} for parameter 'max_results' supplied. It must be at most ${most}`,
    );
  }
  return value;
}
