import type {
  TokenLease,
  TokenUse,
} from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import { ID_PATTERN } from '../keys/keyCursor';
import { divideDay } from './divideDay';

interface HeldRow {
  key_id: string;
  producer: string;
  /** bigint arrives as text. */
  used: string;
  held: string;
  tokens_per_day: string;
}

/** How long what was used is kept, to be shown. */
const KEEP_DAYS = 7;
const DAY_MILLIS = 24 * 60 * 60_000;

/** The table `token_use`: what data planes have used of the days of keys, and were lent. */
export class TokenUseStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Takes down what a data plane has used, and divides the days of all keys that were used today
   * in its environment anew.
   *
   * @param options.live - data planes that are counted on; the one that tells is among them
   * @returns what that one may use of each, where it holds something else or nothing is left
   */
  async lend(options: {
    environment: string;
    producer: string;
    uses: readonly TokenUse[];
    live: ReadonlySet<string>;
    now: Date;
  }): Promise<TokenLease[]> {
    const { environment, producer, uses, live, now } = options;
    const day = dayOf(now);
    if (uses.length === 0) {
      const known = await this.#knex('token_use')
        .where({ environment, day })
        .first('day');
      if (!known) return [];
    }
    return this.#knex.transaction(async tx => {
      // What is lent to one depends on what the others hold: one after the other.
      await tx.raw(
        `select pg_advisory_xact_lock(hashtext('token_use'), hashtext(?))`,
        [environment],
      );
      await this.record({ environment, producer, uses, now }, tx);
      const { rows } = await tx.raw<{ rows: HeldRow[] }>(
        `select used.key_id, used.producer, used.used, used.held, keys.tokens_per_day
         from token_use as used join api_keys as keys on keys.id = used.key_id
         where used.environment = ? and used.day = ? and keys.tokens_per_day is not null`,
        [environment, day],
      );
      const leases = [...groupByKey(rows)].flatMap(
        ([keyId, ofKey]): TokenLease[] => {
          const limit = Number(ofKey[0].tokens_per_day);
          const held = ofKey.map(row => ({
            producer: row.producer,
            used: Number(row.used),
            held: Number(row.held),
          }));
          const mine = held.find(one => one.producer === producer);
          const usedByAll = held.reduce((sum, { used }) => sum + used, 0);
          const tokens = divideDay({ limit, held, producer, live });
          const isNews = tokens !== mine?.held || usedByAll >= limit;
          return isNews ? [{ keyId, day, tokens, usedByAll }] : [];
        },
      );
      await tx.raw(
        `insert into token_use as before (key_id, environment, day, producer, used, held)
         select (lease->>'keyId')::uuid, :environment, :day, :producer, 0, (lease->>'tokens')::bigint
         from jsonb_array_elements(:leases::jsonb) as lease
         on conflict (key_id, environment, day, producer) do update set
           held = greatest(before.held, excluded.held)
         where before.held < excluded.held`,
        { environment, day, producer, leases: JSON.stringify(leases) },
      );
      return leases;
    });
  }

  /** Takes down what a data plane has used and holds, which may be told twice. */
  async record(
    options: {
      environment: string;
      producer: string;
      uses: readonly TokenUse[];
      now: Date;
    },
    tx: Knex = this.#knex,
  ): Promise<void> {
    const { environment, producer, now } = options;
    // A clock that goes wrong is not to fill the table with other days.
    const days = [now, new Date(now.getTime() - DAY_MILLIS)].map(dayOf);
    const uses = options.uses.filter(
      ({ keyId, day }) => ID_PATTERN.test(keyId) && days.includes(day),
    );
    if (uses.length === 0) return;
    await tx.raw(
      `insert into token_use as before (key_id, environment, day, producer, used, held)
       select distinct on (keys.id, told.day)
         keys.id, :environment, told.day, :producer, told.used, told.held
       from jsonb_to_recordset(:uses::jsonb)
         as told("keyId" uuid, day date, used bigint, held bigint)
       join api_keys as keys on keys.id = told."keyId"
       on conflict (key_id, environment, day, producer) do update set
         used = greatest(before.used, excluded.used), held = excluded.held
       where before.used < excluded.used or before.held <> excluded.held`,
      { environment, producer, uses: JSON.stringify(uses) },
    );
  }

  /** What was used today under each of these keys, by environment. */
  async usedToday(
    keyIds: readonly string[],
    now: Date,
  ): Promise<Map<string, { environment: string; tokens: number }[]>> {
    const rows: { key_id: string; environment: string; tokens: string }[] =
      await this.#knex('token_use')
        .whereRaw('key_id = any(?::uuid[])', [[...keyIds]])
        .where('day', dayOf(now))
        .groupBy('key_id', 'environment')
        .orderBy(['key_id', 'environment'])
        .select('key_id', 'environment')
        .sum({ tokens: 'used' });
    const used = new Map<string, { environment: string; tokens: number }[]>();
    for (const { key_id: id, environment, tokens } of rows) {
      const places = used.get(id) ?? [];
      places.push({ environment, tokens: Number(tokens) });
      used.set(id, places);
    }
    return used;
  }

  /** Forgets days that are long over. */
  async forgetOld(now: Date): Promise<void> {
    const oldest = dayOf(new Date(now.getTime() - KEEP_DAYS * DAY_MILLIS));
    await this.#knex('token_use').where('day', '<', oldest).delete();
  }
}

function groupByKey(rows: readonly HeldRow[]): Map<string, HeldRow[]> {
  const groups = new Map<string, HeldRow[]>();
  for (const row of rows) {
    const group = groups.get(row.key_id) ?? [];
    group.push(row);
    groups.set(row.key_id, group);
  }
  return groups;
}

/** Of UTC. */
function dayOf(at: Date): string {
  return at.toISOString().slice(0, 'YYYY-MM-DD'.length);
}
