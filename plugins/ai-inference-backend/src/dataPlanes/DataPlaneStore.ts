import type {
  DataPlaneReport,
  DataPlaneStatus,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { isOnline, LISTED_AFTER_LAST_SEEN_MILLIS } from './dataPlane';

type LoadedVersion = DataPlaneReport['models'][number];

type SaidOfVersion = [
  model: string,
  version: number,
  digest: string,
  state: LoadedVersion['state'],
  error: string | null,
  placement: NonNullable<LoadedVersion['placement']> | null,
  inMemory: boolean | null,
  sizeBytes: number | null,
];

interface DataPlaneRow {
  producer: string;
  environment: string;
  public_url: string;
  snapshot_id: string | null;
  said: SaidOfVersion[];
  first_seen_at: Date;
  last_seen_at: Date;
  snapshot_as_of: Date | null;
  stopped_at: Date | null;
  last_request_at: Date | null;
  brakes: NonNullable<DataPlaneReport['brakes']>;
  load: DataPlaneReport['load'] | null;
}

/** What each data plane said last. */
export class DataPlaneStore {
  readonly #knex: Knex;
  readonly #offlineAfterMillis: number;

  constructor(options: { knex: Knex; offlineAfterMillis: number }) {
    this.#knex = options.knex;
    this.#offlineAfterMillis = options.offlineAfterMillis;
  }

  /**
   * @returns whether the report says something else than the last one about what is loaded
   */
  async record(options: {
    environment: string;
    report: DataPlaneReport;
    /** Id of the routes document that is current. */
    currentSnapshotId: string;
    now: Date;
  }): Promise<{ changed: boolean }> {
    const { environment, report, currentSnapshotId, now } = options;
    return this.#knex.transaction(async tx => {
      // Holds the data plane's row, so that its reports are taken down one after the other.
      const { rows } = await tx.raw<{ rows: { is_new: boolean }[] }>(
        `with before as (select from data_planes where producer = :producer)
         insert into data_planes as seen (
           producer, environment, public_url, snapshot_id, first_seen_at, last_seen_at,
           sent_snapshot_id, sent_at, last_request_at, brakes, load, snapshot_as_of)
         values (
           :producer, :environment, :publicUrl, :snapshotId, :now, :now,
           :current, :now, :lastRequestAt, :brakes, :load, case when :snapshotId::text = :current then :now::timestamptz end)
         on conflict (producer) do update set
           environment = excluded.environment, public_url = excluded.public_url,
           snapshot_id = excluded.snapshot_id, last_seen_at = excluded.last_seen_at,
           sent_snapshot_id = excluded.sent_snapshot_id, sent_at = excluded.sent_at,
           last_request_at = excluded.last_request_at, brakes = excluded.brakes,
           load = excluded.load,
           snapshot_as_of = case excluded.snapshot_id
             when excluded.sent_snapshot_id then excluded.sent_at
             when seen.sent_snapshot_id then seen.sent_at
             else seen.snapshot_as_of end
         returning not exists (select from before) as is_new`,
        {
          producer: report.producer,
          environment,
          publicUrl: report.publicUrl,
          snapshotId: report.snapshotId ?? null,
          current: currentSnapshotId,
          lastRequestAt: report.lastRequestAt ?? null,
          brakes: JSON.stringify(report.brakes ?? []),
          load: report.load ? JSON.stringify(report.load) : null,
          now,
        },
      );
      const isOther = await writeModels(tx, report);
      return { changed: rows[0].is_new || isOther };
    });
  }

  /**
   * Takes down a report that says nothing of models, since they are as before.
   *
   * @returns whether there is a report before it; if not, nothing is taken down
   */
  async touch(options: {
    environment: string;
    report: Omit<DataPlaneReport, 'models'>;
    /** Id of the routes document that is current. */
    currentSnapshotId: string;
    now: Date;
  }): Promise<boolean> {
    const { environment, report, currentSnapshotId, now } = options;
    const { rowCount } = await this.#knex.raw<{ rowCount: number }>(
      `update data_planes set
         public_url = :publicUrl, snapshot_id = :snapshotId, last_seen_at = :now,
         sent_snapshot_id = :current, sent_at = :now, last_request_at = :lastRequestAt,
         brakes = :brakes, load = :load, snapshot_as_of = case :snapshotId::text
           when :current then :now::timestamptz
           when sent_snapshot_id then sent_at
           else snapshot_as_of end
       where producer = :producer and environment = :environment`,
      {
        producer: report.producer,
        environment,
        publicUrl: report.publicUrl,
        snapshotId: report.snapshotId ?? null,
        current: currentSnapshotId,
        lastRequestAt: report.lastRequestAt ?? null,
        brakes: JSON.stringify(report.brakes ?? []),
        load: report.load ? JSON.stringify(report.load) : null,
        now,
      },
    );
    return rowCount > 0;
  }

  /**
   * Takes down that a data plane stops. That is final, since a process that starts is another one:
   * a report that was under way meanwhile does not bring it back.
   *
   * @returns whether that is news
   */
  async recordStop(options: {
    environment: string;
    producer: string;
    now: Date;
  }): Promise<boolean> {
    const { environment, producer, now } = options;
    const count = await this.#knex('data_planes')
      .where({ environment, producer })
      .whereNull('stopped_at')
      .update({ stopped_at: now, last_seen_at: now });
    return count > 0;
  }

  /** Data planes of an environment that are counted on. */
  async listLive(environment: string, now: Date): Promise<Set<string>> {
    const since = new Date(now.getTime() - this.#offlineAfterMillis);
    const producers: string[] = await this.#knex('data_planes')
      .where({ environment })
      .where('last_seen_at', '>', since)
      .whereNull('stopped_at')
      .pluck('producer');
    return new Set(producers);
  }

  /** Data planes of the last ten minutes, those seen last first. */
  async list(query: {
    environment?: string;
    /** Leaves out what they say of other models: a data plane may have a thousand. */
    models?: string[];
    /** Whether it is told how large versions are, which is for people alone. */
    withSizes?: boolean;
    now: Date;
  }): Promise<DataPlaneStatus[]> {
    const { environment, models, withSizes, now } = query;
    const size = withSizes
      ? `(select served.size_bytes from served_versions as served
          where served.model = said.model and served.version = said.version
            and served.digest = said.digest and served.connection is null)`
      : 'null';
    const since = new Date(now.getTime() - LISTED_AFTER_LAST_SEEN_MILLIS);
    const ofNamed = models ? 'and said.model = any(:models)' : '';
    const rows = await this.#knex<DataPlaneRow>('data_planes')
      .where('last_seen_at', '>', since)
      .modify(builder => {
        if (environment) builder.where('environment', environment);
      })
      .select(
        '*',
        // Arrays, since thousands of rows or objects cost more than reading them out of the table.
        this.#knex.raw(
          `(
            select coalesce(json_agg(json_build_array(
              model, version, digest, state, error, placement, in_memory, ${size})), '[]')
            from data_plane_models as said
            where said.producer = data_planes.producer ${ofNamed}
          ) as said`,
          { models: models ?? [] },
        ),
      )
      .orderBy('last_seen_at', 'desc');
    const offlineAfterMillis = this.#offlineAfterMillis;
    return rows.map((row: DataPlaneRow) => ({
      producer: row.producer,
      publicUrl: row.public_url,
      snapshotId: row.snapshot_id ?? undefined,
      models: toModels(row.said),
      environment: row.environment,
      firstSeenAt: row.first_seen_at.toISOString(),
      lastSeenAt: row.last_seen_at.toISOString(),
      snapshotAsOf: row.snapshot_as_of?.toISOString(),
      stoppedAt: row.stopped_at?.toISOString(),
      lastRequestAt: row.last_request_at?.toISOString(),
      ...(row.load && { load: row.load }),
      ...(row.brakes.length > 0 && { brakes: row.brakes }),
      online: isOnline(
        {
          lastSeenAt: row.last_seen_at,
          stoppedAt: row.stopped_at ?? undefined,
        },
        { now, offlineAfterMillis },
      ),
    }));
  }

  /** Forgets data planes that are not listed any more. */
  async forgetGone(now: Date): Promise<void> {
    const since = new Date(now.getTime() - LISTED_AFTER_LAST_SEEN_MILLIS);
    await this.#knex('data_planes').where('last_seen_at', '<=', since).delete();
  }
}

/** By model and version. */
function toModels(said: SaidOfVersion[]): DataPlaneStatus['models'] {
  return said
    .map(
      ([
        model,
        version,
        digest,
        state,
        error,
        placement,
        inMemory,
        sizeBytes,
      ]) => ({
        model,
        version,
        digest,
        state,
        ...(error !== null && { error }),
        ...(placement !== null && { placement }),
        ...(inMemory !== null && { inMemory }),
        ...(sizeBytes !== null && { sizeBytes }),
      }),
    )
    .sort(
      (one, other) =>
        compare(one.model, other.model) ||
        one.version - other.version ||
        compare(one.digest, other.digest),
    );
}

/** Not by a language's rules, which take a hundred times as long. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/**
 * Writes what is other than in the report before, and only that: data planes name all their
 * versions when one of them has changed.
 *
 * @returns whether another version is there, or one is in another state
 */
async function writeModels(
  tx: Knex.Transaction,
  { producer, models }: Pick<DataPlaneReport, 'producer' | 'models'>,
): Promise<boolean> {
  const { rows } = await tx.raw<{ rows: { is_other: boolean }[] }>(
    `with said as (
       select distinct on (model, version, digest)
         model, version, digest, state, error, placement, in_memory
       from rows from (
         jsonb_to_recordset(:models::jsonb)
         as (model text, version integer, digest text, state text, error text,
           placement text, "inMemory" boolean)
       ) with ordinality
         as item(model, version, digest, state, error, placement, in_memory, position)
       order by model, version, digest, position
     ), gone as (
       delete from data_plane_models as before
       where before.producer = :producer and not exists (
         select from said where said.model = before.model
           and said.version = before.version and said.digest = before.digest)
       returning 1
     ), other as (
       insert into data_plane_models (
         producer, model, version, digest, state, error, placement, in_memory)
       select :producer, news.* from (
         select * from said
         except
         select model, version, digest, state, error, placement, in_memory
         from data_plane_models where producer = :producer
       ) as news
       on conflict (producer, model, version, digest) do update set
         state = excluded.state, error = excluded.error,
         placement = excluded.placement, in_memory = excluded.in_memory
       returning model, version, digest, state, error
     ), news as (
       select * from other
       except
       select model, version, digest, state, error from data_plane_models
       where producer = :producer
     )
     select exists (select from gone) or exists (select from news) as is_other`,
    { producer, models: JSON.stringify(models) },
  );
  return rows[0].is_other;
}
