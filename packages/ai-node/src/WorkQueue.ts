import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';

/** How long a worker that was killed, or hangs, keeps others from its item. */
const DEFAULT_LEASE_MILLIS = 30_000;
/** An item whose work failed unexpectedly lets others go first for a while. */
const DEFAULT_RETRY_MILLIS = 5_000;
/** Leases are renewed this many times while they last. */
const RENEWALS_PER_LEASE = 3;

export interface WorkQueueOptions {
  knex: Knex;
  /**
   * A table with the columns `due_at`, `lease` and `leased_until` beside the key; each
   * plugin makes it in a migration of its own.
   */
  table: string;
  /** Column that tells the items apart, its primary key. */
  key: string;
  /** How long a lease lasts unless it is renewed, in milliseconds. */
  leaseMillis?: number;
  /** How long an item rests whose work threw, in milliseconds. */
  retryMillis?: number;
}

/** Somebody else may work on the item by now. */
export class LeaseLostError extends Error {
  constructor(id: string) {
    super(
      `The lease on '${id}' was lost: its worker took too long to renew it`,
    );
    this.name = 'LeaseLostError';
  }
}

/** What a worker holds. */
interface Claim {
  id: string;
  lease: string;
  /** As the database prints it, so that no digit is lost. */
  dueAt: string;
}

/**
 * Items that have something to do, in a table: whoever is due longest comes first.
 *
 * @remarks
 *
 * A worker takes a lease, not a lock: no transaction is open while it works, so that any
 * number of items may be worked on, and a worker that is killed or hangs loses its item
 * when the lease ends. An item may then be worked on twice at once: work has to be such
 * that it may be repeated, and its writes have to be guarded by a revision.
 */
export class WorkQueue {
  readonly #knex: Knex;
  readonly #table: string;
  readonly #key: string;
  readonly #leaseMillis: number;
  readonly #retryMillis: number;

  constructor(options: WorkQueueOptions) {
    this.#knex = options.knex;
    this.#table = options.table;
    this.#key = options.key;
    this.#leaseMillis = options.leaseMillis ?? DEFAULT_LEASE_MILLIS;
    this.#retryMillis = options.retryMillis ?? DEFAULT_RETRY_MILLIS;
  }

  /** Says that the item has something to do now, in the caller's transaction. */
  async enqueue(tx: Knex.Transaction, id: string): Promise<void> {
    await tx(this.#table)
      .insert({ [this.#key]: id, due_at: tx.raw('clock_timestamp()') })
      .onConflict(this.#key)
      .merge();
  }

  /**
   * Takes the item that is due longest, works on it, and remembers when there is more to
   * do: never, when `work` returns undefined.
   *
   * @param work - its signal aborts when the lease is lost, or with `signal`
   * @returns false when nothing is due that nobody works on
   */
  async workOnNext(
    work: (id: string, signal: AbortSignal) => Promise<Date | undefined>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const claim = await this.#claim();
    if (!claim) return false;
    const lost = new AbortController();
    const heartbeat = setInterval(
      () => this.#renew(claim, lost),
      this.#leaseMillis / RENEWALS_PER_LEASE,
    );
    try {
      const signals = signal ? [signal, lost.signal] : [lost.signal];
      const again = await work(claim.id, AbortSignal.any(signals));
      await this.#finish(claim, again);
    } catch (error) {
      // Who was only told to stop leaves it to the next one at once.
      await this.#giveBack(claim, signal?.aborted ? 0 : this.#retryMillis);
      throw error;
    } finally {
      clearInterval(heartbeat);
    }
    return true;
  }

  async #claim(): Promise<Claim | undefined> {
    const { rows } = await this.#knex.raw<{
      rows: { id: string; due_at: string }[];
    }>(
      `update :table: set lease = :lease, leased_until = clock_timestamp() + :millis * interval '1 ms'
       where :key: = (
         select :key: from :table:
         where due_at <= clock_timestamp()
           and (leased_until is null or leased_until <= clock_timestamp())
         order by due_at limit 1 for update skip locked
       ) returning :key: as id, due_at::text, lease`,
      { ...this.#names(), lease: randomUUID(), millis: this.#leaseMillis },
    );
    return rows.map(
      ({ due_at: dueAt, ...row }) => ({ ...row, dueAt } as Claim),
    )[0];
  }

  async #renew(claim: Claim, lost: AbortController): Promise<void> {
    try {
      const renewed = await this.#mine(claim).update({
        leased_until: this.#knex.raw(
          `clock_timestamp() + ? * interval '1 ms'`,
          [this.#leaseMillis],
        ),
      });
      if (renewed === 0) lost.abort(new LeaseLostError(claim.id));
    } catch {
      // The next renewal may succeed; if none does, the lease ends by itself.
    }
  }

  /** Whoever asked for more meanwhile has moved `due_at`: then that holds. */
  async #finish(claim: Claim, again: Date | undefined): Promise<void> {
    const unchanged = this.#mine(claim).whereRaw('due_at = ?::timestamptz', [
      claim.dueAt,
    ]);
    const free = { lease: null, leased_until: null };
    const finished = await (again
      ? unchanged.update({
          ...free,
          // Now is behind everybody who is due already.
          due_at: this.#knex.raw('greatest(?, clock_timestamp())', [again]),
        })
      : unchanged.delete());
    if (finished === 0) await this.#mine(claim).update(free);
  }

  async #giveBack(claim: Claim, restMillis: number): Promise<void> {
    await this.#mine(claim).update({
      lease: null,
      leased_until: null,
      due_at: this.#knex.raw(`clock_timestamp() + ? * interval '1 ms'`, [
        restMillis,
      ]),
    });
  }

  #mine({ id, lease }: Claim): Knex.QueryBuilder {
    return this.#knex(this.#table).where({ [this.#key]: id, lease });
  }

  #names() {
    return { table: this.#table, key: this.#key };
  }
}
