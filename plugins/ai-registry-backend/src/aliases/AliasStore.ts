import type { AliasChange } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { decodeCursor, toPage } from '../paging/cursor';

interface AliasChangeRow {
  id: string;
  alias: string;
  version: number | null;
  previous_version: number | null;
  valid_from: Date;
  valid_to: Date | null;
  changed_by: string;
  reason: string;
  promotion_id: string | null;
}

/** Which part of a history. */
export interface HistoryPage {
  limit?: number;
  /** Out of the page before. */
  cursor?: string;
}

const DEFAULT_LIMIT = 50;

/** A move of an alias that is to be written down. */
export interface AliasMove {
  model: string;
  alias: string;
  /** Where it points from now on; undefined takes the alias away. */
  version?: number;
  previousVersion?: number;
  changedBy: string;
  reason: string;
  promotionId?: string;
}

/** The tables `aliases` (where each points now) and `alias_changes` (the history). */
export class AliasStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Newest first, a page at a time. */
  async history(
    model: string,
    page: HistoryPage = {},
  ): Promise<{ items: AliasChange[]; nextCursor?: string }> {
    const { limit = DEFAULT_LIMIT, cursor } = page;
    const query = changesOf(this.#knex, { model })
      .orderBy('id', 'desc')
      .limit(limit + 1);
    if (cursor !== undefined) {
      query.where('id', '<', decodeCursor(cursor, 'digits'));
    }
    const { rows, nextCursor } = toPage(await query, limit, row =>
      String(row.id),
    );
    return {
      items: rows.map(toAliasChange),
      ...(nextCursor !== undefined && { nextCursor }),
    };
  }

  /** Versions that an alias has pointed at, each once, the last one first. */
  async versionsOf(ref: { model: string; alias: string }): Promise<number[]> {
    const { model, alias } = ref;
    const rows: { version: number }[] = await this.#knex('alias_changes')
      .where({ model, alias })
      .whereNotNull('version')
      .groupBy('version')
      .orderByRaw('max(id) desc')
      .select('version');
    return rows.map(({ version }) => version);
  }

  /** The last change that made an alias point at a version. */
  async lastChangeTo(ref: {
    model: string;
    alias: string;
    version: number;
  }): Promise<AliasChange | undefined> {
    const { version, ...of } = ref;
    const row = await changesOf(this.#knex, of)
      .where({ version })
      .orderBy('id', 'desc')
      .first();
    return row && toAliasChange(row);
  }

  /** The change that is in force at a moment, now when none is given. */
  async changeInForce(
    options: { model: string; alias: string; at?: Date },
    tx: Knex = this.#knex,
  ): Promise<AliasChange | undefined> {
    const { model, alias, at } = options;
    const query = changesOf(tx, { model, alias }).orderBy('id', 'desc').first();
    const row = await (at ? query.where('valid_from', '<=', at) : query);
    return row && toAliasChange(row);
  }

  /** Writes the move down; the caller holds the model's lock. */
  async move(tx: Knex.Transaction, move: AliasMove): Promise<void> {
    const { model, alias, version } = move;
    await tx('alias_changes').insert({
      model,
      alias,
      version,
      previous_version: move.previousVersion,
      // A clock that is set back must not put a move before the one that it follows.
      valid_from: tx.raw(
        `greatest(date_trunc('milliseconds', clock_timestamp()), (
          select max(valid_from) from alias_changes where model = ? and alias = ?
        ))`,
        [model, alias],
      ),
      changed_by: move.changedBy,
      reason: move.reason,
      promotion_id: move.promotionId,
    });
    if (version === undefined) {
      await tx('aliases').where({ model, alias }).delete();
    } else {
      await tx('aliases')
        .insert({ model, alias, version })
        .onConflict(['model', 'alias'])
        .merge();
    }
  }
}

/** Each change with the moment at which the next one of the same alias ended it. */
function changesOf(
  knex: Knex,
  where: { model: string; alias?: string },
): Knex.QueryBuilder<AliasChangeRow, AliasChangeRow[]> {
  return knex
    .select<AliasChangeRow[]>('*')
    .from(
      knex('alias_changes')
        .where(where)
        .select(
          '*',
          knex.raw(
            'lead(valid_from) over (partition by alias order by id) as valid_to',
          ),
        )
        .as('changes'),
    );
}

function toAliasChange(row: AliasChangeRow): AliasChange {
  return {
    alias: row.alias,
    version: row.version ?? undefined,
    previousVersion: row.previous_version ?? undefined,
    validFrom: row.valid_from.toISOString(),
    validTo: row.valid_to?.toISOString(),
    changedBy: row.changed_by,
    reason: row.reason,
    promotionId: row.promotion_id ?? undefined,
  };
}
