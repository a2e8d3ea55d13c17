import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import type {
  Branch,
  ChangeRequest,
  Commit,
  FileChange,
  GitHost,
  MergeResult,
  Person,
  RepositoryFile,
} from '../../environments/GitHost';
import {
  ChangeRequestStore,
  type ChangeRequestChanges,
  type ChangeRequestRow,
} from './ChangeRequestStore';
import type { GitRepository } from './GitRepository';
import { MAIN_REF, openRepository } from './openRepository';

/** How often a lost race for a ref is run again before the caller hears of it. */
const RACE_ATTEMPTS = 5;

/**
 * Git host in a folder: a bare repository that people may clone and push to, with
 * change requests in the plugin's database that are reviewed in the portal.
 *
 * @remarks
 *
 * Git decides: a change request whose branch somebody merged by hand is merged,
 * and one whose branch somebody removed is closed, whatever the table says.
 * `refs/changes/<number>/head` keeps a change's commits when its branch is gone.
 */
export class LocalGitHost implements GitHost {
  readonly #repository: GitRepository;
  readonly #store: ChangeRequestStore;

  /** Opens the repository, or creates it on the first start. */
  static async create(options: {
    /** Absolute path of the bare repository. */
    directory: string;
    knex: Knex;
  }): Promise<LocalGitHost> {
    const repository = await openRepository(options.directory);
    return new LocalGitHost(repository, new ChangeRequestStore(options.knex));
  }

  private constructor(repository: GitRepository, store: ChangeRequestStore) {
    this.#repository = repository;
    this.#store = store;
  }

  async mainRevision(): Promise<string> {
    const revision = await this.#repository.resolve(MAIN_REF);
    if (!revision) {
      throw new NotFoundError(
        `The environments repository in '${
          this.#repository.directory
        }' has no branch 'main' any more: push it from a clone`,
      );
    }
    return revision;
  }

  async changeToken(): Promise<string> {
    const [refs, requests] = await Promise.all([
      this.#repository.refs('refs/heads/'),
      this.#store.changeToken(),
    ]);
    const state = JSON.stringify([...refs, requests]);
    return createHash('sha256').update(state).digest('hex');
  }

  async readFile(options: {
    path: string;
    revision: string;
  }): Promise<string | undefined> {
    const files = await this.#repository.readFiles(options);
    return files.find(file => file.path === options.path)?.content;
  }

  listFiles(options: {
    folder: string;
    revision: string;
  }): Promise<RepositoryFile[]> {
    const { folder, revision } = options;
    return this.#repository.readFiles({ revision, path: `${folder}/` });
  }

  lastChange(options: {
    path: string;
    revision: string;
  }): Promise<Commit | undefined> {
    return this.#repository.lastChange(options);
  }

  async getBranch(branch: string): Promise<Branch | undefined> {
    const head = await this.#repository.resolve(branchRef(branch));
    return head ? this.#describeBranch(branch, head) : undefined;
  }

  async ensureBranch(options: {
    branch: string;
    changes: FileChange[];
    message: string;
    author: Person;
    startOver?: boolean;
  }): Promise<Branch> {
    const { branch, changes, message, author } = options;
    const ref = branchRef(branch);
    for (let attempt = 0; attempt < RACE_ATTEMPTS; attempt++) {
      const main = await this.mainRevision();
      const existing = await this.#repository.resolve(ref);
      const base =
        existing && (await this.#repository.mergeBase(main, existing));
      const isMerged = base !== undefined && base === existing;
      if (
        existing &&
        !isMerged &&
        (!options.startOver || base === main) &&
        (await this.#hasContent(existing, changes))
      ) {
        return this.#describeBranch(branch, existing);
      }
      const parent =
        existing && !isMerged && !options.startOver ? existing : main;
      const head = (await this.#hasContent(parent, changes))
        ? parent
        : await this.#repository.commitFiles({
            parent,
            changes,
            message,
            author,
          });
      const moved =
        head === existing ||
        (await this.#repository.updateRef({ ref, from: existing, to: head }));
      if (moved) return this.#describeBranch(branch, head);
    }
    throw new ConflictError(
      `Branch '${branch}' keeps changing while it is written: try again`,
    );
  }

  async openChangeRequest(options: {
    branch: string;
    title: string;
    body: string;
    author: Person;
  }): Promise<ChangeRequest> {
    const branch = await this.getBranch(options.branch);
    if (!branch) {
      throw new NotFoundError(`There is no branch '${options.branch}'`);
    }
    if (branch.changedPaths.length === 0) {
      throw new ConflictError(
        `Branch '${branch.name}' changes nothing: main has its content already`,
      );
    }
    const { number } = await this.#store.open({
      ...options,
      head: branch.head,
    });
    return this.getChangeRequest(number);
  }

  async getChangeRequest(number: number): Promise<ChangeRequest> {
    const row = await this.#store.find(number);
    if (!row) throw missing(number);
    if (row.state !== 'open') return toChangeRequest(row);
    return this.#locked(number, async fresh => toChangeRequest(fresh));
  }

  async listChangeRequests(
    query: { state?: ChangeRequest['state'] } = {},
  ): Promise<ChangeRequest[]> {
    for (const row of await this.#store.list({ state: 'open' })) {
      await this.getChangeRequest(row.number);
    }
    return (await this.#store.list(query)).map(toChangeRequest);
  }

  async updateChangeRequest(
    number: number,
    changes: { title?: string; body?: string },
  ): Promise<void> {
    await this.#locked(number, async (row, update) => {
      const { title = row.title, body = row.body } = changes;
      if (title !== row.title || body !== row.body) {
        await update({ title, body });
      }
    });
  }

  async commentOnChangeRequest(
    number: number,
    comment: { author: Person; text: string },
  ): Promise<void> {
    await this.#locked(number, async (row, update) => {
      const at = new Date().toISOString();
      await update({ comments: [...row.comments, { ...comment, at }] });
    });
  }

  async approveChangeRequest(
    number: number,
    approval: { author: Person; head: string },
  ): Promise<void> {
    await this.#locked(number, async (row, update) => {
      const others = row.approvals.filter(
        given =>
          given.author.email !== approval.author.email ||
          given.head !== approval.head,
      );
      if (others.length === row.approvals.length) {
        await update({ approvals: [...others, approval] });
      }
    });
  }

  mergeChangeRequest(
    number: number,
    options: { expectedHead: string; message: string; author: Person },
  ): Promise<MergeResult> {
    return this.#locked<MergeResult>(number, async (row, update) => {
      if (row.state === 'merged' && row.merge_commit) {
        return { outcome: 'merged', commit: row.merge_commit };
      }
      if (row.state === 'closed') return { outcome: 'closed' };
      if (row.head !== options.expectedHead) {
        return { outcome: 'head-moved', head: row.head };
      }
      for (let attempt = 0; attempt < RACE_ATTEMPTS; attempt++) {
        const main = await this.mainRevision();
        const merged = await this.#repository.mergeTrees(main, row.head);
        if ('conflicts' in merged) {
          return { outcome: 'conflict', paths: merged.conflicts };
        }
        const commit = await this.#repository.commitTree({
          tree: merged.tree,
          parents: [main, row.head],
          message: options.message,
          author: options.author,
        });
        const moved = await this.#repository.updateRef({
          ref: MAIN_REF,
          from: main,
          to: commit,
        });
        if (moved) {
          await update({ state: 'merged', merge_commit: commit, base: main });
          await this.#removeBranch(row);
          return { outcome: 'merged', commit };
        }
      }
      throw new ConflictError(
        `Main keeps changing while change request ${number} is merged: try again`,
      );
    });
  }

  async closeChangeRequest(
    number: number,
    options: { author: Person; reason: string },
  ): Promise<void> {
    await this.#locked(number, async (row, update) => {
      if (row.state !== 'open') return;
      const at = new Date().toISOString();
      await update({
        state: 'closed',
        base: await this.#baseOf(row.head),
        comments: [
          ...row.comments,
          { author: options.author, text: options.reason, at },
        ],
      });
      await this.#removeBranch(row);
    });
  }

  async diffOfChangeRequest(number: number): Promise<string> {
    const row = await this.#store.find(number);
    if (!row) throw missing(number);
    const { main, head: tip } = await this.#tips(row);
    const head = row.state === 'open' && tip ? tip : row.head;
    const against = row.base ?? main;
    const base = await this.#repository.mergeBase(against, head);
    return this.#repository.diff(base ?? against, head);
  }

  async changeRequestMergedBy(commit: string): Promise<number | undefined> {
    await this.listChangeRequests({ state: 'open' });
    const [row] = await this.#store.list({ mergeCommit: commit });
    return row?.number;
  }

  /** Works on a change request that agrees with what Git says now. */
  #locked<T>(
    number: number,
    work: (
      row: ChangeRequestRow,
      update: (changes: ChangeRequestChanges) => Promise<ChangeRequestRow>,
    ) => Promise<T>,
  ): Promise<T> {
    return this.#store.locked(number, async (row, update) => {
      if (!row) throw missing(number);
      const changes =
        row.state === 'open' ? await this.#observe(row) : undefined;
      return work(changes ? await update(changes) : row, update);
    });
  }

  /** What Git says about an open change request that the table does not know. */
  async #observe(
    row: ChangeRequestRow,
  ): Promise<ChangeRequestChanges | undefined> {
    const { head, kept, main } = await this.#tips(row);
    if (!head) {
      // Merged and tidied up by hand, or given up.
      const mergeCommit = await this.#repository.firstOnLineWith(
        row.head,
        main,
      );
      return mergeCommit
        ? this.#mergedAt(mergeCommit)
        : { state: 'closed', base: await this.#baseOf(row.head) };
    }
    if (kept !== head) {
      const ref = keptRef(row.number);
      await this.#repository.updateRef({ ref, from: kept, to: head });
    }
    const mergeCommit = await this.#repository.firstOnLineWith(head, main);
    if (mergeCommit) return { ...(await this.#mergedAt(mergeCommit)), head };
    return head === row.head ? undefined : { head };
  }

  async #mergedAt(mergeCommit: string): Promise<ChangeRequestChanges> {
    const base = await this.#repository.resolve(`${mergeCommit}^1`);
    return {
      state: 'merged',
      merge_commit: mergeCommit,
      base: base ?? mergeCommit,
    };
  }

  async #baseOf(head: string): Promise<string> {
    const main = await this.mainRevision();
    return (await this.#repository.mergeBase(main, head)) ?? main;
  }

  /** Main, the change request's branch, and the commit that is kept for it. */
  async #tips(row: ChangeRequestRow): Promise<{
    main: string;
    head: string | undefined;
    kept: string | undefined;
  }> {
    const branch = branchRef(row.branch);
    const kept = keptRef(row.number);
    const refs = await this.#repository.refs(MAIN_REF, branch, kept);
    return {
      main: refs.get(MAIN_REF) ?? (await this.mainRevision()),
      head: refs.get(branch),
      kept: refs.get(kept),
    };
  }

  async #removeBranch(row: ChangeRequestRow): Promise<void> {
    await this.#repository.updateRef({
      ref: branchRef(row.branch),
      from: row.head,
      to: undefined,
    });
  }

  async #hasContent(revision: string, changes: FileChange[]): Promise<boolean> {
    for (const { path, content } of changes) {
      if ((await this.readFile({ path, revision })) !== content) return false;
    }
    return true;
  }

  async #describeBranch(name: string, head: string): Promise<Branch> {
    const main = await this.mainRevision();
    const [base, contributors, merged] = await Promise.all([
      this.#repository.mergeBase(main, head),
      this.#repository.contributors(main, head),
      this.#repository.mergeTrees(main, head),
    ]);
    return {
      name,
      head,
      contributors,
      changedPaths: await this.#repository.changedPaths(base ?? main, head),
      conflicts: 'conflicts' in merged ? merged.conflicts : [],
    };
  }
}

function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

/** Keeps a change request's commits when its branch is gone. */
function keptRef(number: number): string {
  return `refs/changes/${number}/head`;
}

function missing(number: number): NotFoundError {
  return new NotFoundError(`There is no change request ${number}`);
}

function toChangeRequest(row: ChangeRequestRow): ChangeRequest {
  return {
    number: row.number,
    title: row.title,
    body: row.body,
    branch: row.branch,
    author: row.author,
    state: row.state,
    head: row.head,
    mergeCommit: row.merge_commit ?? undefined,
    approvals: row.approvals,
    comments: row.comments,
  };
}
