import type { Knex } from 'knex';

/** How long a process that does not answer any more keeps others waiting. */
const TURN_SECONDS = 30;

/** A process's right to apply the manifests of an environment, until it is given back or taken over. */
export interface Turn {
  environment: string;
  /** Grows with each turn: whoever holds an older one has lost it. */
  turn: string;
}

export class LostTurnError extends Error {
  constructor(environment: string) {
    super(
      `Another process applies the manifests of ${environment} by now: the reading of this one is left unused`,
    );
    this.name = 'LostTurnError';
  }
}

/**
 * Whose turn it is to apply what Git says of an environment, so that an older reading of Git
 * never follows a newer one. It is a lease by the database's clock rather than a lock, so that
 * no transaction stays open while Git is read and a thousand deployments are gone through.
 */
export class TurnStore {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** @returns undefined while it is another process's turn */
  async take(environment: string): Promise<Turn | undefined> {
    const { rows } = await this.#knex.raw<{ rows: { turn: string }[] }>(
      `insert into reconcile_turns as turns (environment, turn, taken_until)
       values (:environment, 1, now() + make_interval(secs => :seconds))
       on conflict (environment) do update set
         turn = turns.turn + 1, taken_until = excluded.taken_until
       where turns.taken_until <= now()
       returning turn`,
      { environment, seconds: TURN_SECONDS },
    );
    return rows.length > 0 ? { environment, turn: rows[0].turn } : undefined;
  }

  /**
   * Makes sure that the turn is not taken over before the end of the transaction.
   *
   * @throws LostTurnError when it has been already
   */
  async hold(tx: Knex.Transaction, { environment, turn }: Turn): Promise<void> {
    const held = await tx('reconcile_turns')
      .where({ environment, turn })
      .forShare()
      .first('turn');
    if (!held) throw new LostTurnError(environment);
  }

  /** Asks for more time. */
  async renew({ environment, turn }: Turn): Promise<void> {
    await this.#knex.raw(
      `update reconcile_turns set taken_until = now() + make_interval(secs => :seconds)
       where environment = :environment and turn = :turn`,
      { environment, turn, seconds: TURN_SECONDS },
    );
  }

  async giveBack({ environment, turn }: Turn): Promise<void> {
    await this.#knex.raw(
      `update reconcile_turns set taken_until = now()
       where environment = :environment and turn = :turn`,
      { environment, turn },
    );
  }
}
