import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';

/** How long a control plane that was killed, or hangs, keeps others from its place. */
const LEASE_MILLIS = 30_000;

/** Which of several control planes looks after the jobs: one, by a lease. */
export class Lead {
  readonly #knex: Knex;
  readonly #name: string;
  readonly #holder = randomUUID();

  constructor(options: { knex: Knex; name: string }) {
    this.#knex = options.knex;
    this.#name = options.name;
  }

  /** Takes or keeps it; false where another one has it. */
  async take(): Promise<boolean> {
    const { rows } = await this.#knex.raw<{ rows: unknown[] }>(
      `insert into training_leads as lead (name, holder, until)
       values (:name, :holder, clock_timestamp() + :millis * interval '1 ms')
       on conflict (name) do update set holder = excluded.holder, until = excluded.until
       where lead.holder = :holder or lead.until < clock_timestamp()
       returning 1`,
      { name: this.#name, holder: this.#holder, millis: LEASE_MILLIS },
    );
    return rows.length > 0;
  }

  /** Leaves it to others at once. */
  async release(): Promise<void> {
    await this.#knex('training_leads')
      .where({ name: this.#name, holder: this.#holder })
      .delete();
  }
}
