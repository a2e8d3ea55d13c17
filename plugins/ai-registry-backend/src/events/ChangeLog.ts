import type { Knex } from 'knex';
import type { RegistryEvent } from './registryEvent';

/**
 * Runs a change and writes the events that tell of it in one transaction, so that
 * neither exists without the other.
 */
export class ChangeLog {
  readonly #knex: Knex;
  readonly #listeners: (() => void)[] = [];

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Calls back after each commit, when there may be something to announce. */
  onCommit(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async transaction<T>(
    change: (tx: Knex.Transaction) => Promise<T>,
  ): Promise<T> {
    const result = await this.#knex.transaction(change);
    this.#listeners.forEach(listener => listener());
    return result;
  }

  /** Adds the event to the caller's transaction. */
  async record(tx: Knex.Transaction, event: RegistryEvent): Promise<void> {
    await tx('events').insert({
      at: tx.raw('clock_timestamp()'),
      actor: event.actor,
      action: event.action,
      model: event.model,
      before: event.before && JSON.stringify(event.before),
      after: event.after && JSON.stringify(event.after),
    });
    if (event.announce.length > 0) {
      await tx('event_outbox').insert(
        event.announce.map(announcement => ({
          announcement: JSON.stringify(announcement),
        })),
      );
    }
  }
}
