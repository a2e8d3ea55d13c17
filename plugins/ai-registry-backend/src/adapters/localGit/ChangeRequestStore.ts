import type { Knex } from 'knex';
import type {
  ChangeRequest,
  Check,
  DeploymentReport,
  Person,
} from '../../environments/GitHost';

const TABLE = 'local_change_requests';

/** A change request as the portal keeps it for a Git host that has none of its own. */
export interface ChangeRequestRow {
  number: number;
  title: string;
  body: string;
  branch: string;
  labels: string[];
  author: Person;
  state: ChangeRequest['state'];
  head: string;
  /** Main's revision that the head is compared with, once merged or closed. */
  base: string | null;
  merge_commit: string | null;
  approvals: ChangeRequest['approvals'];
  comments: ChangeRequest['comments'];
  /** Of one revision, which each of them names. */
  checks: (Check & { head: string })[];
  /** The newest word on each environment. */
  deployments: (DeploymentReport & { at: string })[];
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

  /** Newest first. */
  list(query: {
    state?: ChangeRequest['state'];
    branch?: string;
    /** Only older ones. */
    before?: number;
    limit: number;
  }): Promise<ChangeRequestRow[]> {
    const { before, limit } = query;
    return this.#matching(query, before).orderBy('number', 'desc').limit(limit);
  }

  /** What Git has to be asked about, newest first. */
  listOpen(query: {
    branch?: string;
    before?: number;
    limit: number;
  }): Promise<Pick<ChangeRequestRow, 'number' | 'branch' | 'head'>[]> {
    const { branch, before, limit } = query;
    return this.#matching({ branch, state: 'open' }, before)
      .select('number', 'branch', 'head')
      .orderBy('number', 'desc')
      .limit(limit);
  }

  #matching(
    query: { state?: ChangeRequest['state']; branch?: string },
    before: number | undefined,
  ) {
    const rows = this.#knex(TABLE);
    if (query.state) rows.where({ state: query.state });
    if (query.branch) rows.where({ branch: query.branch });
    if (before !== undefined) rows.where('number', '<', before);
    return rows;
  }

  /** Number of the change request whose merge made the commit. */
  async findMergedBy(commit: string): Promise<number | undefined> {
    const row = await this.#knex(TABLE)
      .where({ merge_commit: commit })
      .orderBy('number', 'desc')
      .first('number');
    return row?.number;
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

/** What callers of the Git host see of a row. */
export function toChangeRequest(row: ChangeRequestRow): ChangeRequest {
  return {
    number: row.number,
    title: row.title,
    body: row.body,
    branch: row.branch,
    labels: row.labels,
    author: row.author,
    state: row.state,
    head: row.head,
    mergeCommit: row.merge_commit ?? undefined,
    approvals: row.approvals,
    objections: [],
    comments: row.comments,
    checks: row.checks
      .filter(({ head }) => head === row.head)
      .map(({ name, state, title }) => ({ name, state, title })),
    deployments: row.deployments.map(({ url, ...deployment }) => deployment),
  };
}

const JSON_COLUMNS = [
  'labels',
  'approvals',
  'comments',
  'checks',
  'deployments',
] as const;

function toColumns(changes: ChangeRequestChanges, tx: Knex.Transaction) {
  const encoded = JSON_COLUMNS.filter(name => changes[name]).map(name => [
    name,
    JSON.stringify(changes[name]),
  ]);
  return {
    ...changes,
    ...Object.fromEntries(encoded),
    updated_at: tx.raw('clock_timestamp()'),
  };
}
