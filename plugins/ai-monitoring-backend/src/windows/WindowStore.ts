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
  client_errors: string;
  server_errors: string;
  latency_micros: DdSketch;
  profile: Profile | null;
  last_record_at: Date;
}

const KEY_COLUMNS = [
  'environment',
  'model',
  'version',
  'window_seconds',
  'starts_at',
];
const TRAFFIC_COLUMNS = [
  ...KEY_COLUMNS,
  'requests',
  'rows',
  'client_errors',
  'server_errors',
  'latency_micros',
  'last_record_at',
];

export interface WindowQuery {
  environment?: string;
  model?: string;
  version?: number;
  /** Windows that start in [from, to), milliseconds since the epoch. */
  fromMillis: number;
  toMillis: number;
}

export type TrafficWindow = WindowKey & Traffic;
export type ProfileWindow = WindowKey & { profile: Profile };

/** The table of windows. */
export class WindowStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
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
    const inserted = await tx('windows')
      .insert(inOrder.map(([_key, window]) => toRow(window)))
      .onConflict(KEY_COLUMNS)
      .ignore()
      .returning<WindowRow[]>(KEY_COLUMNS);
    const existing = new Map(windows);
    for (const row of inserted) existing.delete(keyOf(toKey(row)));
    return existing;
  }

  /** @returns those that do not exist any more */
  async #addToExisting(
    tx: Knex.Transaction,
    windows: Map<string, Window>,
  ): Promise<Map<string, Window>> {
    if (windows.size === 0) return windows;
    const rows: WindowRow[] = await tx<WindowRow>('windows')
      .whereIn(
        KEY_COLUMNS,
        [...windows.values()].map(window => [
          window.environment,
          window.model,
          window.version,
          window.windowSeconds,
          new Date(window.startMillis),
        ]),
      )
      .orderBy(KEY_COLUMNS)
      .forUpdate();
    const missing = new Map(windows);
    const merged = rows.map(toWindow).flatMap(before => {
      const added = missing.get(keyOf(before));
      missing.delete(keyOf(before));
      return added
        ? [toRow({ ...before, ...mergeContents(before, added) })]
        : [];
    });
    if (merged.length > 0) {
      await tx('windows').insert(merged).onConflict(KEY_COLUMNS).merge();
    }
    return missing;
  }

  /** Traffic without the profiles, which are large; by version and start. */
  async listTraffic(query: WindowQuery): Promise<TrafficWindow[]> {
    const rows: WindowRow[] = await this.#select(query).select(TRAFFIC_COLUMNS);
    return rows.map(row => ({ ...toKey(row), ...toTraffic(row) }));
  }

  /** Windows that have a profile; by version and start. */
  async listProfiles(query: WindowQuery): Promise<ProfileWindow[]> {
    const rows: WindowRow[] = await this.#select(query)
      .whereNotNull('profile')
      .select([...KEY_COLUMNS, 'profile']);
    return rows.flatMap(row =>
      row.profile ? [{ ...toKey(row), profile: row.profile }] : [],
    );
  }

  /** When each model was last heard of, milliseconds since the epoch. */
  async listLastRecords(query: {
    environment?: string;
    model?: string;
  }): Promise<
    { environment: string; model: string; lastRecordMillis: number }[]
  > {
    const rows: { environment: string; model: string; last: Date }[] =
      await this.#knex('windows')
        .modify(builder => scope(builder, query))
        .groupBy('environment', 'model')
        .select('environment', 'model')
        .max('last_record_at as last');
    return rows.map(({ last, ...same }) => ({
      ...same,
      lastRecordMillis: last.getTime(),
    }));
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

  /** @returns how many windows were removed */
  async removeBefore(options: {
    windowSeconds: WindowSeconds;
    beforeMillis: number;
  }): Promise<number> {
    return this.#knex('windows')
      .where('window_seconds', options.windowSeconds)
      .where('starts_at', '<', new Date(options.beforeMillis))
      .delete();
  }

  #select(query: WindowQuery): Knex.QueryBuilder {
    return this.#knex('windows')
      .modify(builder => {
        scope(builder, query);
        if (query.version !== undefined) {
          builder.where('version', query.version);
        }
      })
      .where('starts_at', '>=', new Date(query.fromMillis))
      .where('starts_at', '<', new Date(query.toMillis))
      .orderBy(['version', 'starts_at']);
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

function toRow(window: Window): Record<string, unknown> {
  return {
    environment: window.environment,
    model: window.model,
    version: window.version,
    window_seconds: window.windowSeconds,
    starts_at: new Date(window.startMillis),
    requests: window.requests,
    rows: window.rows,
    client_errors: window.clientErrors,
    server_errors: window.serverErrors,
    latency_micros: JSON.stringify(window.latencyMicros),
    profile: window.profile ? JSON.stringify(window.profile) : null,
    last_record_at: new Date(window.lastRecordMillis),
  };
}
