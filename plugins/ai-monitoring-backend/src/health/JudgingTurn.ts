import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';

/** How long a control plane that does not answer any more keeps others from judging. */
const TURN_SECONDS = 60;

/** What is done by one control plane at a time, by row of the table. */
const ROWS = { models: 1, comparisons: 2 } as const;

/** Lets one control plane at a time judge, with a rest in between; by the database's clock. */
export class JudgingTurn {
  readonly #knex: Knex;
  readonly #row: number;
  readonly #holder = randomUUID();

  constructor(options: { knex: Knex; row?: keyof typeof ROWS }) {
    this.#knex = options.knex;
    this.#row = ROWS[options.row ?? 'models'];
  }

  /** @returns false while another one has the turn, or all rest */
  async take(): Promise<boolean> {
    const { rowCount } = await this.#knex.raw<{ rowCount: number }>(
      `insert into judging_turns (id, holder, taken_until)
       values (:row, :holder, now() + make_interval(secs => :seconds))
       on conflict (id) do update set
         holder = excluded.holder, taken_until = excluded.taken_until
       where judging_turns.taken_until <= now()`,
      { row: this.#row, holder: this.#holder, seconds: TURN_SECONDS },
    );
    return rowCount > 0;
  }

  /** @returns false when another one has it by now */
  async renew(): Promise<boolean> {
    return this.#extend(TURN_SECONDS);
  }

  /** Gives it back; nobody takes it before the rest is over. */
  async giveBack(restMillis: number): Promise<void> {
    await this.#extend(restMillis / 1_000);
  }

  async #extend(seconds: number): Promise<boolean> {
    const { rowCount } = await this.#knex.raw<{ rowCount: number }>(
      `update judging_turns set taken_until = now() + make_interval(secs => :seconds)
       where id = :row and holder = :holder`,
      { row: this.#row, holder: this.#holder, seconds },
    );
    return rowCount > 0;
  }
}
