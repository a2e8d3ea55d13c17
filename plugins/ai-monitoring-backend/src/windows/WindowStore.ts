import { InputError } from '@backstage/errors';
import { insertMany } from '@greenroom/ai-node';
import type { DdSketch, Profile } from '@greenroom/ml-kit';
import type { WindowSeconds } from '@greenroom/plugin-ai-monitoring-common';
import type { Knex } from 'knex';
import {
  mergeContents,
  type Traffic,
  type Window,
  type WindowKey,
} from './window';

interface WindowRow {
  environment: string;
  model: string;
  version: number;
  window_seconds: WindowSeconds;
  starts_at: Date;
  /** bigint arrives as text, here and below. */
  requests: string;
  rows: string;
  input_tokens: string;
  output_tokens: string;
  fallbacks: string;
  limited: string;
  client_errors: string;
  server_errors: string;
  latency_micros: DdSketch;
  profile: Profile | null;
  last_record_at: Date;
}

/** More in one answer would take long to read, and longer to look at. */
const MOST_TRAFFIC_WINDOWS = 20_000;

/** What tells windows apart, with the types. */
const KEY_TYPES = {
  environment: 'text',
  model: 'text',
  version: 'integer',
  window_seconds: 'integer',
  starts_at: 'timestamptz',
};
const CONTENT_TYPES = {
  requests: 'bigint',
  rows: 'bigint',
  input_tokens: 'bigint',
  output_tokens: 'bigint',
  fallbacks: 'bigint',
  limited: 'bigint',
  client_errors: 'bigint',
  server_errors: 'bigint',
  latency_micros: 'json',
  profile: 'json',
  last_record_at: 'timestamptz',
};
type ContentColumn = keyof typeof CONTENT_TYPES;
const COLUMNS = { ...KEY_TYPES, ...CONTENT_TYPES };
const KEY_COLUMNS = Object.keys(KEY_TYPES) as (keyof typeof KEY_TYPES)[];
const CONTENT_COLUMNS = Object.keys(CONTENT_TYPES) as ContentColumn[];
const KEY_ARRAYS = Object.values(KEY_TYPES)
  .map(type => `?::${type}[]`)
  .join(', ');
const TRAFFIC_COLUMNS = [
  ...KEY_COLUMNS,
  'requests',
  'rows',
  'input_tokens',
  'output_tokens',
  'fallbacks',
  'limited',
  'client_errors',
  'server_errors',
  'latency_micros',
  'last_record_at',
];

export interface WindowQuery {
  environment: string;
  model: string;
  version?: number;
  /** Windows that start in [from, to), milliseconds since the epoch. */
  fromMillis: number;
  toMillis: number;
}

export type RecentQuery = Partial<WindowQuery> &
  Pick<WindowQuery, 'fromMillis' | 'toMillis'>;

export type TrafficWindow = WindowKey & Traffic;
export type ProfileWindow = WindowKey & { profile: Profile };

/** The table of windows. */
export class WindowStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Comes before anything else of a transaction that adds: one that adds several times cannot
   * take its windows in the order of their keys, and must be alone.
   */
  async lock(tx: Knex.Transaction, options: { alone: boolean }): Promise<void> {
    await tx.raw(
      `select pg_advisory_xact_lock${
        options.alone ? '' : '_shared'
      }(hashtextextended('ai-monitoring/windows', 0))`,
    );
  }

  /**
   * Adds contents to windows, which are made when they do not exist. Each key may be there once.
   *
   * New windows are inserted first and existing ones locked then, both in the order of their
   * keys: two that add to the same windows wait for each other, and never for ever.
   */
  async add(tx: Knex.Transaction, windows: Window[]): Promise<void> {
    let pending = new Map(windows.map(window => [keyOf(window), window]));
    // Once more for a window that was merged upward between the two statements.
    while (pending.size > 0) {
      pending = await this.#addToExisting(tx, await this.#insert(tx, pending));
    }
  }

  /** @returns those that existed already */
  async #insert(
    tx: Knex.Transaction,
    windows: Map<string, Window>,
  ): Promise<Map<string, Window>> {
    const inOrder = [...windows].sort(([a], [b]) => (a < b ? -1 : 1));
    const inserted = await insertMany<keyof typeof COLUMNS, WindowRow>(tx, {
      table: 'windows',
      columns: COLUMNS,
      rows: inOrder.map(([_key, window]) => toCells(window)),
      onConflict: { columns: KEY_COLUMNS, merge: [] },
      returning: KEY_COLUMNS,
    });
    const existing = new Map(windows);
    for (const row of inserted.rows) existing.delete(keyOf(toKey(row)));
    return existing;
  }

  /** @returns those that do not exist any more */
  async #addToExisting(
    tx: Knex.Transaction,
    windows: Map<string, Window>,
  ): Promise<Map<string, Window>> {
    if (windows.size === 0) return windows;
    const { rows } = await tx.raw<{ rows: WindowRow[] }>(
      `select windows.* from windows
       join unnest(${KEY_ARRAYS}) as wanted (${KEY_COLUMNS.join(', ')})
         using (${KEY_COLUMNS.join(', ')})
       order by ${KEY_COLUMNS.join(', ')} for update of windows`,
      toKeyArrays([...windows.values()]),
    );
    const missing = new Map(windows);
    const merged = rows.map(toWindow).flatMap(before => {
      const added = missing.get(keyOf(before));
      missing.delete(keyOf(before));
      return added ? [{ ...before, ...mergeContents(before, added) }] : [];
    });
    await insertMany(tx, {
      table: 'windows',
      columns: COLUMNS,
      rows: merged.map(toCells),
      onConflict: { columns: KEY_COLUMNS, merge: CONTENT_COLUMNS },
    });
    return missing;
  }

  /**
   * Traffic without the profiles, which are large; by version and start.
   *
   * @throws InputError for more than 20,000 windows
   */
  async listTraffic(query: WindowQuery): Promise<TrafficWindow[]> {
    const rows: WindowRow[] = await this.#select(query)
      .orderBy(['version', 'starts_at'])
      .select(TRAFFIC_COLUMNS)
      .limit(MOST_TRAFFIC_WINDOWS + 1);
    if (rows.length > MOST_TRAFFIC_WINDOWS) {
      throw new InputError(
        `The range has more than ${MOST_TRAFFIC_WINDOWS} windows of time: ask for a shorter one`,
      );
    }
    return rows.map(row => ({ ...toKey(row), ...toTraffic(row) }));
  }

  /** Traffic of all models, however much it is: for housekeeping and tests. */
  async listRecentTraffic(query: RecentQuery): Promise<TrafficWindow[]> {
    const rows: WindowRow[] = await this.#select(query).select(TRAFFIC_COLUMNS);
    return rows.map(row => ({ ...toKey(row), ...toTraffic(row) }));
  }

  /** How many windows have a profile, and the length of the longest, in seconds; 0 for none. */
  async measureProfiles(
    query: WindowQuery,
  ): Promise<{ windows: number; coarsestSeconds: number }> {
    const row = await this.#select(query)
      .whereNotNull('profile')
      .first<{ windows: string; coarsest: number | null }>(
        this.#knex.raw('count(*) as windows, max(window_seconds) as coarsest'),
      );
    return {
      windows: Number(row.windows),
      coarsestSeconds: row.coarsest ?? 0,
    };
  }

  /**
   * Windows of a version that have a profile, by start, read in pages as they are asked for:
   * profiles of wide versions take megabytes each.
   */
  async *readProfiles(
    query: WindowQuery & { version: number },
    pageSize: number,
  ): AsyncGenerator<ProfileWindow> {
    let last: WindowRow | undefined;
    do {
      const after = last;
      const rows: WindowRow[] = await this.#select(query)
        .whereNotNull('profile')
        .modify(builder => {
          if (after) {
            builder.whereRaw('(starts_at, window_seconds) > (?, ?)', [
              after.starts_at,
              after.window_seconds,
            ]);
          }
        })
        .orderBy(['starts_at', 'window_seconds'])
        .limit(pageSize)
        .select([...KEY_COLUMNS, 'profile']);
      for (const row of rows) {
        if (row.profile) yield { ...toKey(row), profile: row.profile };
      }
      last = rows.length === pageSize ? rows[rows.length - 1] : undefined;
    } while (last);
  }

  /** Takes windows out of the table, oldest first, so that they can be merged into longer ones. */
  async take(
    tx: Knex.Transaction,
    options: {
      windowSeconds: WindowSeconds;
      beforeMillis: number;
      limit: number;
    },
  ): Promise<Window[]> {
    const rows = await tx.raw<{ rows: WindowRow[] }>(
      `delete from windows where ctid in (
         select ctid from windows
         where window_seconds = ? and starts_at < ?
         order by starts_at limit ? for update skip locked
       ) returning *`,
      [options.windowSeconds, new Date(options.beforeMillis), options.limit],
    );
    return rows.rows.map(toWindow);
  }

  /**
   * Removes at most `limit` windows, by the index of lengths and starts.
   *
   * @returns how many windows were removed
   */
  async removeBefore(options: {
    windowSeconds: WindowSeconds;
    beforeMillis: number;
    limit: number;
  }): Promise<number> {
    const result = await this.#knex.raw<{ rowCount: number }>(
      `delete from windows where ctid = any(array(
         select ctid from windows where window_seconds = ? and starts_at < ? limit ?
       ))`,
      [options.windowSeconds, new Date(options.beforeMillis), options.limit],
    );
    return result.rowCount;
  }

  #select(query: RecentQuery): Knex.QueryBuilder {
    return this.#knex('windows')
      .modify(builder => {
        scope(builder, query);
        if (query.version !== undefined) {
          builder.where('version', query.version);
        }
      })
      .where('starts_at', '>=', new Date(query.fromMillis))
      .where('starts_at', '<', new Date(query.toMillis));
  }
}

function scope(
  builder: Knex.QueryBuilder,
  query: { environment?: string; model?: string },
): void {
  if (query.environment) builder.where('environment', query.environment);
  if (query.model) builder.where('model', query.model);
}

function keyOf(key: WindowKey): string {
  const { environment, model, version, windowSeconds, startMillis } = key;
  return [environment, model, version, windowSeconds, startMillis].join('/');
}

function toKey(row: WindowRow): WindowKey {
  return {
    environment: row.environment,
    model: row.model,
    version: row.version,
    windowSeconds: row.window_seconds,
    startMillis: row.starts_at.getTime(),
  };
}

function toTraffic(row: WindowRow): Traffic {
  return {
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
}

function toWindow(row: WindowRow): Window {
  return {
    ...toKey(row),
    ...toTraffic(row),
    profile: row.profile ?? undefined,
  };
}

function toCells(window: Window) {
  return {
    environment: window.environment,
    model: window.model,
    version: window.version,
    window_seconds: window.windowSeconds,
    starts_at: new Date(window.startMillis),
    requests: window.requests,
    rows: window.rows,
    input_tokens: window.inputTokens,
    output_tokens: window.outputTokens,
    fallbacks: window.fallbacks,
    limited: window.limited,
    client_errors: window.clientErrors,
    server_errors: window.serverErrors,
    latency_micros: window.latencyMicros,
    profile: window.profile,
    last_record_at: new Date(window.lastRecordMillis),
  };
}

/** One array a column of the key, in the order of {@link KEY_TYPES}. */
function toKeyArrays(windows: Window[]): (string[] | number[] | Date[])[] {
  return [
    windows.map(({ environment }) => environment),
    windows.map(({ model }) => model),
    windows.map(({ version }) => version),
    windows.map(({ windowSeconds }) => windowSeconds),
    windows.map(({ startMillis }) => new Date(startMillis)),
  ];
}
