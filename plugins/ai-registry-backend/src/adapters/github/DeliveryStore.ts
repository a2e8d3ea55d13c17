import type { Knex } from 'knex';

const TABLE = 'git_host_deliveries';
const KEPT = '7 days';

/** SQL of the deliveries that were taken. */
export class DeliveryStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** @returns false when it was taken before, here or by another process */
  async take(delivery: { id: string; event: string }): Promise<boolean> {
    const taken = await this.#knex(TABLE)
      .insert(delivery)
      .onConflict('id')
      .ignore()
      .returning('id');
    return taken.length > 0;
  }

  /** Forgets those that nobody sends again. */
  async tidy(): Promise<void> {
    await this.#knex(TABLE)
      .whereRaw('received_at < now() - ?::interval', [KEPT])
      .delete();
  }
}
