import type { Knex } from 'knex';
import { NOTICES_TABLE } from './tables';

/** Something that owners should hear of. */
export interface Notice<
  Kind extends string = string,
  Data extends object = object,
> {
  /** What it is about, such as `versions:digits`: owners have one notification of each scope. */
  scope: string;
  kind: Kind;
  /** Entity refs; programs and unknown owners among them are told nothing. */
  owners: readonly string[];
  /** Entity ref of who did it, and is not told. */
  actor?: string;
  /** What has happened, as far as the notification says it. Never a secret. */
  data: Data;
}

/** A notice that this process tells now. */
export interface DueNotice {
  scope: string;
  kind: string;
  owners: string[];
  actor?: string;
  /** What has happened last. */
  data: object;
  /** How often it has happened since they were told; at least 1. */
  count: number;
  /** Tries, this one included. */
  attempts: number;
}

/** Longer than telling takes: what a killed process was telling, another one tells after it. */
const LEASE_MILLIS = 60_000;
/** What happens again within that time is told together. */
const QUIET_MILLIS = 10 * 60_000;
/** For which it is remembered that owners were told. */
const KEEP_DAYS = 30;

/** Entity refs of people and groups, who alone read notifications. */
const READER = /^(?:user|group):/;

/** The table of what owners are to be told. */
export class NoticeQueue {
  readonly #knex: Knex;
  readonly #quietMillis: number;

  constructor(options: { knex: Knex; quietMillis?: number }) {
    this.#knex = options.knex;
    this.#quietMillis = options.quietMillis ?? QUIET_MILLIS;
  }

  /**
   * Adds it in the transaction of what has happened: told is what is committed, whatever happens to this
   * process. What nobody would read is not added.
   *
   * @param options.onlyAfter - adds it only where owners have, or get, a notification of this kind in the scope
   */
  async add(
    tx: Knex.Transaction,
    notice: Notice,
    options: { onlyAfter?: string } = {},
  ): Promise<void> {
    const { scope, kind, actor, data } = notice;
    const owners = [...new Set(notice.owners)].filter(
      owner => READER.test(owner) && owner !== actor,
    );
    if (owners.length === 0) return;
    if (options.onlyAfter !== undefined) {
      const before = await tx(NOTICES_TABLE)
        .where({ scope, kind: options.onlyAfter })
        .first('scope');
      if (!before) return;
    }
    await tx.raw(
      `insert into owner_notices as old (scope, kind, owners, actor, data, due_at)
       values (?, ?, ?::text[], ?, ?::jsonb, clock_timestamp())
       on conflict (scope) do update set
         owners = excluded.owners, data = excluded.data, kind = excluded.kind,
         actor = case when old.due_at is null or old.actor = excluded.actor then excluded.actor end,
         count = case when old.due_at is null or old.kind <> excluded.kind then 1 else old.count + 1 end,
         attempts = case when old.due_at is null then 0 else old.attempts end,
         due_at = case
           when old.kind <> excluded.kind then clock_timestamp()
           else coalesce(old.due_at, greatest(
             clock_timestamp(), old.told_at + ? * interval '1 ms')) end`,
      [
        scope,
        kind,
        owners,
        actor ?? null,
        JSON.stringify(data),
        this.#quietMillis,
      ] as Knex.RawBinding[],
    );
  }

  /** Takes what is due, which no other process tells meanwhile. */
  async claim(limit: number): Promise<DueNotice[]> {
    const { rows } = await this.#knex.raw<{
      rows: (Omit<DueNotice, 'actor'> & { actor: string | null })[];
    }>(
      `update owner_notices set attempts = attempts + 1,
         due_at = clock_timestamp() + ? * interval '1 ms'
       where scope in (
         select scope from owner_notices where due_at <= clock_timestamp()
         order by due_at limit ? for update skip locked)
       returning scope, kind, owners, actor, data, count, attempts`,
      [LEASE_MILLIS, limit],
    );
    return rows.map(({ actor, ...row }) => ({
      ...row,
      ...(actor !== null && { actor }),
    }));
  }

  /** Owners were told; what has happened meanwhile they are told later. */
  async told({ scope, kind, count }: DueNotice): Promise<void> {
    await this.#knex.raw(
      `update owner_notices set
         told_at = clock_timestamp(), attempts = 0,
         count = case when kind = :kind then greatest(count - :count, 1) else count end,
         due_at = case
           when kind <> :kind then clock_timestamp()
           when count > :count then clock_timestamp() + :quiet * interval '1 ms' end
       where scope = :scope and due_at is not null`,
      { scope, kind, count, quiet: this.#quietMillis },
    );
  }

  /** They could not be told; `againMillis` says when it is tried again, undefined: it is not. */
  async failed({ scope }: DueNotice, againMillis?: number): Promise<void> {
    await this.#knex.raw(
      `update owner_notices set due_at = clock_timestamp() + ?::float8 * interval '1 ms' where scope = ?`,
      [againMillis ?? null, scope] as Knex.RawBinding[],
    );
  }

  /** Forgets what owners were told long ago. */
  async tidy(): Promise<void> {
    await this.#knex(NOTICES_TABLE)
      .whereNull('due_at')
      .whereRaw(
        `coalesce(told_at, '-infinity') < clock_timestamp() - ? * interval '1 day'`,
        [KEEP_DAYS],
      )
      .delete();
  }
}
