import type { Knex } from 'knex';
import { insertMany } from '../database/insertMany';
import { AUDIT_TABLE, OUTBOX_TABLE } from './tables';

/** Something that was changed, and who is told of it. */
export interface Change<Announcement extends object> {
  /** What was done: noun and past participle, e.g. `version-created`. */
  action: string;
  /** Entity ref of a person, or `service:<name>`. */
  actor: string;
  /** Model that it is about; undefined when it is about none. */
  model?: string;
  /** Where, when it is about one environment. */
  environment?: string;
  /** What was changed besides the model, e.g. the id of a rollout or the name of a token. */
  subject?: string;
  /** Entity ref of who answers for what was changed, and may read the entry, when that is no model. */
  owner?: string;
  /** What the change replaced; undefined when there was nothing. Never a secret. */
  before?: object;
  /** What the change put there; undefined when it took something away. Never a secret. */
  after?: object;
  /** Told after the commit, to other plugins and open pages; empty when nobody waits for it. */
  announce: Announcement[];
}

/** Writes what follows from changes, in their transaction. */
export type ChangeFollower<Announcement extends object> = (
  tx: Knex.Transaction,
  changes: readonly Change<Announcement>[],
) => Promise<void>;

/**
 * The one way in which a plugin changes something: the change, its audit entry and what tells of
 * it are one transaction, so that none exists without the others.
 *
 * @remarks
 *
 * The plugin's tables are those of `createChangeTables`. An entry has the database's time,
 * whatever clocks the plugin's processes have.
 */
export class ChangeLog<Announcement extends object = never> {
  readonly #knex: Knex;
  readonly #listeners: (() => void)[] = [];
  readonly #followers: ChangeFollower<Announcement>[] = [];

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /** Calls back after each commit, when there may be something to announce. */
  onCommit(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Has what follows from each change written in its transaction: where that fails, so does the change. */
  onRecord(follower: ChangeFollower<Announcement>): void {
    this.#followers.push(follower);
  }

  async transaction<T>(
    change: (tx: Knex.Transaction) => Promise<T>,
  ): Promise<T> {
    const result = await this.#knex.transaction(change);
    this.#listeners.forEach(listener => listener());
    return result;
  }

  /** Adds to the transaction of the changes what they are remembered and told by. */
  async record(
    tx: Knex.Transaction,
    ...changes: Change<Announcement>[]
  ): Promise<void> {
    await insertMany(tx, {
      table: AUDIT_TABLE,
      columns: {
        actor: 'text',
        action: 'text',
        model: 'text',
        environment: 'text',
        subject: 'text',
        owner: 'text',
        before: 'jsonb',
        after: 'jsonb',
      },
      rows: changes,
    });
    await this.announce(tx, ...changes.flatMap(({ announce }) => announce));
    for (const follow of this.#followers) await follow(tx, changes);
  }

  /** Tells of what nobody did, such as that something goes on by itself: it is no matter for the audit log. */
  async announce(
    tx: Knex.Transaction,
    ...announcements: Announcement[]
  ): Promise<void> {
    await insertMany(tx, {
      table: OUTBOX_TABLE,
      columns: { announcement: 'jsonb' },
      rows: announcements.map(announcement => ({ announcement })),
    });
  }
}
