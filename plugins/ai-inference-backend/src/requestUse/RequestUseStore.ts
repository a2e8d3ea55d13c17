import type {
  RequestUse,
  ToldRequestUse,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { ID_PATTERN } from '../keys/keyCursor';

/** Data planes tell every ten seconds; what they told earlier is over. */
const SHOWN_MILLIS = 30_000;
const KEEP_MILLIS = 60 * 60_000;

interface SummedRow {
  key_id: string;
  environment: string;
  /** Sums of bigint arrive as text. */
  requests: string;
  rows: string;
  refused: string;
  most_in_flight: string;
}

/** The table `request_use`: what came of the last minute under keys with limits of requests. */
export class RequestUseStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  async record(options: {
    environment: string;
    producer: string;
    uses: readonly ToldRequestUse[];
    now: Date;
  }): Promise<void> {
    const { environment, producer, now } = options;
    // What is no id at all cannot be a key's, and would be an error in SQL.
    const uses = options.uses.filter(({ keyId }) => ID_PATTERN.test(keyId));
    if (uses.length === 0) return;
    await this.#knex.raw(
      `insert into request_use (key_id, environment, producer, requests, rows, refused, most_in_flight, told_at)
       select distinct on (keys.id)
         keys.id, :environment, :producer, told.requests, told.rows, told.refused, told."mostInFlight", :now::timestamptz
       from jsonb_to_recordset(:uses::jsonb)
         as told("keyId" uuid, requests bigint, rows bigint, refused bigint, "mostInFlight" bigint)
       join api_keys as keys on keys.id = told."keyId"
       on conflict (key_id, environment, producer) do update set
         requests = excluded.requests, rows = excluded.rows, refused = excluded.refused,
         most_in_flight = excluded.most_in_flight, told_at = excluded.told_at`,
      { environment, producer, uses: JSON.stringify(uses), now },
    );
  }

  /** What came of the last minute under each of these keys, by environment. */
  async lastMinute(
    keyIds: readonly string[],
    now: Date,
  ): Promise<Map<string, (RequestUse & { environment: string })[]>> {
    const rows: SummedRow[] = await this.#knex('request_use')
      .whereRaw('key_id = any(?::uuid[])', [[...keyIds]])
      .where('told_at', '>', new Date(now.getTime() - SHOWN_MILLIS))
      .groupBy('key_id', 'environment')
      .orderBy(['key_id', 'environment'])
      .select('key_id', 'environment')
      .sum({
        requests: 'requests',
        rows: 'rows',
        refused: 'refused',
        most_in_flight: 'most_in_flight',
      });
    const found = new Map<string, (RequestUse & { environment: string })[]>();
    for (const row of rows) {
      const places = found.get(row.key_id) ?? [];
      places.push({
        environment: row.environment,
        requests: Number(row.requests),
        rows: Number(row.rows),
        refused: Number(row.refused),
        mostInFlight: Number(row.most_in_flight),
      });
      found.set(row.key_id, places);
    }
    return found;
  }

  async forgetOld(now: Date): Promise<void> {
    const oldest = new Date(now.getTime() - KEEP_MILLIS);
    await this.#knex('request_use').where('told_at', '<', oldest).delete();
  }
}
