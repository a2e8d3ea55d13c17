import type { Knex } from 'knex';
import type { ChangeRequest, Person } from '../../environments/GitHost';

const TABLE = 'local_change_requests';

/** A change request as the portal keeps it for a Git host that has none of its own. */
export interface ChangeRequestRow {
  number: number;
  title: string;
  body: string;
  branch: string;
  author: Person;
  state: ChangeRequest['state'];
  head: string;
  /** Main's revision that the head is compared with, once merged or closed. */
  base: string | null;
  merge_commit: string | null;
  approvals: ChangeRequest['approvals'];
  comments: ChangeRequest['comments'];
  created_at: Date;
  updated_at: Date;
}

export type ChangeRequestChanges = Partial<
  Omit<ChangeRequestRow, 'number' | 'branch' | 'author' | 'created_at'>
>;

/** SQL of the local Git host's change requests. */
export class ChangeRequestStore {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** Adds an open change request, unless the branch has one. */
  async open(row: {
    branch: string;
    title: string;
    body: string;
    author: Person;
    head: string;
  }): Promise<ChangeRequestRow> {
    await this.#knex(TABLE)
      .insert({ ...row, author: JSON.stringify(row.author) })
      .onConflict(this.#knex.raw(`(branch) where state = 'open'`))
      .ignore();
    const found = await this.#knex(TABLE)
      .where({ branch: row.branch, state: 'open' })
      .first();
    return found;
  }

  find(number: number): Promise<ChangeRequestRow | undefined> {
    return this.#knex(TABLE).where({ number }).first();
  }

  list(query: {
    state?: ChangeRequest['state'];
    branch?: string;
    mergeCommit?: string;
  }): Promise<ChangeRequestRow[]> {
    const rows = this.#knex(TABLE).orderBy('number', 'desc');
    if (query.state) rows.where({ state: query.state });
    if (query.branch) rows.where({ branch: query.branch });
    if (query.mergeCommit) rows.where({ merge_commit: query.mergeCommit });
    return rows;
  }

  /** Reads a row that nobody else may change until the work is done. */
  locked<T>(
    number: number,
    work: (
      row: ChangeRequestRow | undefined,
      update: (changes: ChangeRequestChanges) => Promise<ChangeRequestRow>,
    ) => Promise<T>,
  ): Promise<T> {
    return this.#knex.transaction(async tx => {
      const row = await tx(TABLE).where({ number }).forUpdate().first();
      return work(row, async changes => {
        const [updated] = await tx(TABLE)
          .where({ number })
          .update(toColumns(changes, tx))
          .returning('*');
        return updated;
      });
    });
  }

  /** When anything about a change request last changed. */
  async changeToken(): Promise<string> {
    const row = await this.#knex(TABLE)
      .max('updated_at as at')
      .count('number as count')
      .first();
    return `${row?.count ?? 0}@${row?.at?.toISOString() ?? ''}`;
  }
}

function toColumns(changes: ChangeRequestChanges, tx: Knex.Transaction) {
  return {
    ...changes,
    ...(changes.approvals && { approvals: JSON.stringify(changes.approvals) }),
    ...(changes.comments && { comments: JSON.stringify(changes.comments) }),
    updated_at: tx.raw('clock_timestamp()'),
  };
}
