import {
  HEALTH_STATUSES,
  type HealthPage,
  type HealthStatus,
  type ModelHealth,
} from '@greenroom/plugin-ai-monitoring-common';
import { insertMany } from '@greenroom/ai-node';
import type { Knex } from 'knex';
import { isDeepStrictEqual } from 'node:util';
import type { NoticeState } from '../notices/notice';
import { modelKey, type ModelPlace } from './RecentStore';
import type { MonitoringChanges } from '../events/announcement';
import { healthChange } from './healthChange';
import { decodeVerdictCursor, encodeVerdictCursor } from './verdictCursor';

interface VerdictRow extends ModelPlace {
  status: HealthStatus;
  severity: number;
  health: ModelHealth;
  notice: NoticeState;
}

const NOTHING_TOLD: NoticeState = { told: 'healthy' };

/** The last verdict on each model. */
export class VerdictStore {
  readonly #knex: Knex;
  readonly #changes: MonitoringChanges;

  constructor(options: { knex: Knex; changes: MonitoringChanges }) {
    this.#knex = options.knex;
    this.#changes = options.changes;
  }

  /** The worst first, then by name. */
  async list(query: {
    environment?: string;
    limit: number;
    cursor?: string;
  }): Promise<HealthPage> {
    const { environment, limit, cursor } = query;
    const scope = (builder: Knex.QueryBuilder) => {
      if (environment !== undefined) builder.where({ environment });
    };
    const after =
      cursor === undefined ? undefined : decodeVerdictCursor(cursor);
    const [rows, counted] = await Promise.all([
      this.#knex<VerdictRow>('verdicts')
        .modify(scope)
        .modify(builder => {
          if (after) {
            builder.whereRaw(
              '(severity, model, environment) > (?, ?, ?)',
              after,
            );
          }
        })
        .orderBy(['severity', 'model', 'environment'])
        .limit(limit + 1),
      this.#knex('verdicts')
        .modify(scope)
        .groupBy('status')
        .select('status')
        .count('* as models') as Promise<
        { status: HealthStatus; models: string }[]
      >,
    ]);
    const page: VerdictRow[] = rows.slice(0, limit);
    const counts = Object.fromEntries(
      HEALTH_STATUSES.map(status => [
        status,
        Number(counted.find(row => row.status === status)?.models ?? 0),
      ]),
    ) as HealthPage['counts'];
    const last = page.at(-1);
    return {
      items: page.map(({ health }) => health),
      counts,
      ...(rows.length > limit &&
        last && {
          nextCursor: encodeVerdictCursor([
            last.severity,
            last.model,
            last.environment,
          ]),
        }),
    };
  }

  /** What owners know of some models; those that were never judged are left out. */
  async listNotices(models: ModelPlace[]): Promise<Map<string, NoticeState>> {
    const rows: VerdictRow[] = await this.#knex<VerdictRow>('verdicts')
      .whereIn(
        ['environment', 'model'],
        models.map(({ environment, model }) => [environment, model]),
      )
      .select('environment', 'model', 'notice');
    return new Map(
      rows.map(({ environment, model, notice }) => [
        `${environment}/${model}`,
        notice,
      ]),
    );
  }

  /**
   * Replaces the verdicts on some models, and leaves what their owners know. What became better
   * or worse is remembered and told.
   */
  async save(healths: ModelHealth[], judgedAt: Date): Promise<void> {
    if (healths.length === 0) return;
    await this.#changes.transaction(async tx => {
      const before = await lockStatuses(tx, healths);
      await insertMany(tx, {
        table: 'verdicts',
        columns: {
          environment: 'text',
          model: 'text',
          status: 'text',
          severity: 'smallint',
          health: 'json',
          judged_at: 'timestamptz',
          notice: 'json',
        },
        rows: healths.map(health => ({
          environment: health.environment,
          model: health.model,
          status: health.status,
          severity: HEALTH_STATUSES.indexOf(health.status),
          health,
          judged_at: judgedAt,
          notice: NOTHING_TOLD,
        })),
        onConflict: {
          columns: ['environment', 'model'],
          merge: ['status', 'severity', 'health', 'judged_at'],
        },
      });
      await this.#changes.record(
        tx,
        ...healths.flatMap(
          health => healthChange(health, before.get(modelKey(health))) ?? [],
        ),
      );
    });
  }

  /**
   * Notes what owners know, and tells them before that is final: told twice is better than
   * never. Does nothing when another process was faster.
   */
  async saveNotice(
    { environment, model }: ModelPlace,
    change: {
      before: NoticeState;
      after: NoticeState;
      send?: () => Promise<void>;
    },
  ): Promise<void> {
    await this.#knex.transaction(async tx => {
      const row: VerdictRow | undefined = await tx<VerdictRow>('verdicts')
        .where({ environment, model })
        .forUpdate()
        .skipLocked()
        .first('notice');
      if (!row || !isDeepStrictEqual(row.notice, change.before)) return;
      await tx('verdicts')
        .where({ environment, model })
        .update({ notice: JSON.stringify(change.after) });
      await change.send?.();
    });
  }

  /** Forgets models that have not been judged lately: they are neither deployed nor called. */
  async forgetBefore(before: Date): Promise<void> {
    await this.#knex('verdicts').where('judged_at', '<', before).delete();
  }
}

/** The statuses that verdicts on some models have until now. */
async function lockStatuses(
  tx: Knex.Transaction,
  models: ModelPlace[],
): Promise<Map<string, HealthStatus>> {
  const rows: Pick<VerdictRow, 'environment' | 'model' | 'status'>[] = await tx(
    'verdicts',
  )
    .whereIn(
      ['environment', 'model'],
      models.map(({ environment, model }) => [environment, model]),
    )
    .orderBy(['environment', 'model'])
    .forUpdate()
    .select('environment', 'model', 'status');
  return new Map(rows.map(row => [modelKey(row), row.status]));
}
