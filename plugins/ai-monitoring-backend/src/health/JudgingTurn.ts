import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';

/** How long a control plane that does not answer any more keeps others from judging. */
const TURN_SECONDS = 60;

/** Lets one control plane at a time judge, with a rest in between; by the database's clock. */
export class JudgingTurn {
  readonly #knex: Knex;
  readonly #holder = randomUUID();

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @returns false while another one has the turn, or all rest */
  async take(): Promise<boolean> {
    const { rowCount } = await this.#knex.raw<{ rowCount: number }>(
      `insert into judging_turns (id, holder, taken_until)
       values (1, :holder, now() + make_interval(secs => :seconds))
       on conflict (id) do update set
         holder = excluded.holder, taken_until = excluded.taken_until
       where judging_turns.taken_until <= now()`,
      { holder: this.#holder, seconds: TURN_SECONDS },
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
       where id = 1 and holder = :holder`,
      { holder: this.#holder, seconds },
    );
    return rowCount > 0;
  }
}
