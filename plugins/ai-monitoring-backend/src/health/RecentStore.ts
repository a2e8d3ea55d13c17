import type { DdSketch, Profile } from '@greenroom/ml-kit';
import type { Knex } from 'knex';
import { mergeTraffic, type Traffic } from '../windows/window';
import type { RequestCount } from './health';

export interface ModelPlace {
  environment: string;
  model: string;
}

/** Windows that start in [from, to), milliseconds since the epoch. */
export interface Span {
  fromMillis: number;
  toMillis: number;
}

export function modelKey({ environment, model }: ModelPlace): string {
  return `${environment}/${model}`;
}

const WANTED = 'unnest(cast(:environments as text[]), cast(:models as text[]))';

/** What happened lately to many models at once: one query for each question. */
export class RecentStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Models that have a window in a time. */
  async listActive(query: Partial<ModelPlace> & Span): Promise<ModelPlace[]> {
    const { environment, model } = query;
    return (
      this.#knex('windows')
        .where('starts_at', '>=', new Date(query.fromMillis))
        .where('starts_at', '<', new Date(query.toMillis))
        // The index begins with the length.
        .whereIn('window_seconds', [10, 60, 3_600])
        .modify(builder => {
          if (environment !== undefined) builder.where({ environment });
          if (model !== undefined) builder.where({ model });
        })
        .distinct('environment', 'model')
    );
  }

  /** Requests by version and 10 seconds or longer. */
  async countRequests(
    models: ModelPlace[],
    span: Span,
  ): Promise<Map<string, RequestCount[]>> {
    const { rows } = await this.#knex.raw<{
      rows: (ModelPlace & {
        version: number;
        starts_at: Date;
        requests: string;
      })[];
    }>(
      `select environment, model, version, starts_at, requests
       from ${WANTED} as wanted (environment, model)
       join windows using (environment, model)
       where starts_at >= :from and starts_at < :to`,
      parameters(models, span),
    );
    const found = new Map<string, RequestCount[]>();
    for (const row of rows) {
      const key = modelKey(row);
      const counts = found.get(key) ?? [];
      found.set(key, counts);
      counts.push({
        version: row.version,
        startMillis: row.starts_at.getTime(),
        requests: Number(row.requests),
      });
    }
    return found;
  }

  /** Traffic of all versions together. */
  async sumTraffic(
    models: ModelPlace[],
    span: Span,
  ): Promise<Map<string, Traffic>> {
    const { rows } = await this.#knex.raw<{
      rows: (ModelPlace & {
        requests: string;
        rows: string;
        input_tokens: string;
        output_tokens: string;
        fallbacks: string;
        limited: string;
        client_errors: string;
        server_errors: string;
        latency_micros: DdSketch;
        last_record_at: Date;
      })[];
    }>(
      `select environment, model, requests, rows, input_tokens, output_tokens, fallbacks, limited,
         client_errors, server_errors, latency_micros, last_record_at
       from ${WANTED} as wanted (environment, model)
       join windows using (environment, model)
       where starts_at >= :from and starts_at < :to`,
      parameters(models, span),
    );
    const found = new Map<string, Traffic>();
    for (const row of rows) {
      const key = modelKey(row);
      const traffic: Traffic = {
        requests: Number(row.requests),
        rows: Number(row.rows),
        inputTokens: Number(row.input_tokens),
        outputTokens: Number(row.output_tokens),
        fallbacks: Number(row.fallbacks),
        limited: Number(row.limited),
        clientErrors: Number(row.client_errors),
        serverErrors: Number(row.server_errors),
        latencyMicros: row.latency_micros,
        lastRecordMillis: row.last_record_at.getTime(),
      };
      const before = found.get(key);
      found.set(key, before ? mergeTraffic(before, traffic) : traffic);
    }
    return found;
  }

  /** When each model was last heard of, milliseconds since the epoch: by its youngest window, of which there is one look-up each. */
  async findLastRecords(models: ModelPlace[]): Promise<Map<string, number>> {
    const { rows } = await this.#knex.raw<{
      rows: (ModelPlace & { last_record_at: Date })[];
    }>(
      `select wanted.environment, wanted.model, youngest.last_record_at
       from ${WANTED} as wanted (environment, model)
       cross join lateral (
         select last_record_at from windows
         where windows.environment = wanted.environment
           and windows.model = wanted.model
         order by starts_at desc limit 1
       ) as youngest`,
      parameters(models),
    );
    return new Map(
      rows.map(row => [modelKey(row), row.last_record_at.getTime()]),
    );
  }

  /** Merged profiles of one version each. */
  async readProfiles(
    versions: (ModelPlace & { version: number })[],
    span: Span,
    merge: (a: Profile | undefined, b: Profile) => Profile | undefined,
  ): Promise<Map<string, Profile>> {
    const { rows } = await this.#knex.raw<{
      rows: (ModelPlace & { profile: Profile })[];
    }>(
      `select environment, model, profile
       from unnest(
         cast(:environments as text[]), cast(:models as text[]), cast(:versions as integer[])
       ) as wanted (environment, model, version)
       join windows using (environment, model, version)
       where starts_at >= :from and starts_at < :to and profile is not null`,
      {
        ...parameters(versions, span),
        versions: versions.map(({ version }) => version),
      },
    );
    const found = new Map<string, Profile>();
    for (const row of rows) {
      const merged = merge(found.get(modelKey(row)), row.profile);
      if (merged) found.set(modelKey(row), merged);
    }
    return found;
  }
}

function parameters(models: ModelPlace[], span?: Span) {
  return {
    environments: models.map(({ environment }) => environment),
    models: models.map(({ model }) => model),
    ...(span && {
      from: new Date(span.fromMillis),
      to: new Date(span.toMillis),
    }),
  };
}
