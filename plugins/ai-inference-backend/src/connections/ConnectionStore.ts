import type {
  ConnectionCheck,
  EnvironmentConnection,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';

/** What is kept of a connection. */
export interface ConnectionRecord {
  name: string;
  checkAttempts: number;
  check: EnvironmentConnection['check'];
  /** Set while a check was asked for that none has told of. */
  checkAskedAt?: string;
}

interface ConnectionRow {
  environment: string;
  name: string;
  check_attempts: number;
  check_asked_at: Date | null;
  told_attempt: number | null;
  state: ConnectionCheck['state'] | null;
  models: string[] | null;
  error: string | null;
  checked_at: Date | null;
}

const TABLE = 'connections';

/** The `connections` table. */
export class ConnectionStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** By name. */
  async list(environment: string): Promise<Map<string, ConnectionRecord>> {
    const rows = await this.#knex<ConnectionRow>(TABLE)
      .where({ environment })
      .select();
    return new Map(rows.map(row => [row.name, toRecord(row)]));
  }

  /** @returns the times that a check was asked for, this one included */
  async askToCheck(
    tx: Knex.Transaction,
    place: { environment: string; name: string },
    now: Date,
  ): Promise<number> {
    const [row] = await tx(TABLE)
      .insert({ ...place, check_attempts: 1, check_asked_at: now })
      .onConflict(['environment', 'name'])
      .merge({
        check_attempts: tx.raw('connections.check_attempts + 1'),
        check_asked_at: now,
      })
      .returning<{ check_attempts: number }[]>('check_attempts');
    return row.check_attempts;
  }

  /** Takes down what a data plane told, unless another one has told later news. */
  async record(
    environment: string,
    checks: readonly ConnectionCheck[],
  ): Promise<void> {
    for (const check of checks) {
      const told = {
        told_attempt: check.checkAttempt,
        state: check.state,
        models: check.state === 'answers' ? JSON.stringify(check.models) : null,
        error: check.state === 'fails' ? check.error : null,
        checked_at: check.checkedAt,
      };
      await this.#knex(TABLE)
        .insert({ environment, name: check.name, ...told })
        .onConflict(['environment', 'name'])
        .merge(told)
        .whereRaw(
          'connections.checked_at is null or connections.checked_at <= ?',
          [check.checkedAt],
        );
    }
  }

  /** Those that an external version in service names. */
  async listUses(
    environment: string,
  ): Promise<
    (EnvironmentConnection['usedBy'][number] & { connection: string })[]
  > {
    const { rows } = await this.#knex.raw<{
      rows: {
        model: string;
        version: number;
        connection: string;
        upstream_model: string;
      }[];
    }>(
      `select distinct served.model, served.version, served.connection, served.upstream_model
       from deployments as deployed
       cross join lateral jsonb_array_elements(deployed.split) as variant
       join served_versions as served
         on served.model = deployed.model and served.version = (variant->>'version')::integer
       where deployed.environment = ? and deployed.withdrawn_at is null
         and served.connection is not null
       order by served.model, served.version`,
      [environment],
    );
    return rows.map(({ upstream_model: upstreamModel, ...row }) => ({
      ...row,
      upstreamModel,
    }));
  }
}

function toRecord(row: ConnectionRow): ConnectionRecord {
  const isAsked =
    row.check_asked_at !== null && (row.told_attempt ?? 0) < row.check_attempts;
  return {
    name: row.name,
    checkAttempts: row.check_attempts,
    check: toCheck(row),
    ...(isAsked && { checkAskedAt: row.check_asked_at?.toISOString() }),
  };
}

function toCheck({
  state,
  models,
  error,
  checked_at: at,
}: ConnectionRow): ConnectionRecord['check'] {
  if (state === null || at === null) return { state: 'unchecked' };
  const checkedAt = at.toISOString();
  return state === 'answers'
    ? { state, checkedAt, models: models ?? [] }
    : { state, checkedAt, error: error ?? '' };
}
