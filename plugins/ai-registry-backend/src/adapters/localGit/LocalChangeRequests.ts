import { ConflictError, NotFoundError } from '@backstage/errors';
import {
  CHANGE_REQUESTS_PER_PAGE,
  type ChangeRequest,
  type ChangeRequestPage,
  type ChangeRequestQuery,
  type Check,
  type DeploymentReport,
  type MergeResult,
  type Person,
} from '../../environments/GitHost';
import { isDeepStrictEqual } from 'node:util';
import { decodeCursor, toPage } from '../../paging/cursor';
import {
  type ChangeRequestChanges,
  type ChangeRequestRow,
  type ChangeRequestStore,
  toChangeRequest,
} from './ChangeRequestStore';
import type { GitRepository } from '../git/GitRepository';
import type { GitWriter } from '../git/GitWriter';
import { checkPageLimit } from '../git/checkPageLimit';
import type { OpenedRepository } from '../git/openGit';
import { branchRef, keptRef, MAIN_REF, mainRevisionOf } from '../git/refs';

/** How often a lost race for main is run again before the caller hears of it. */
const RACE_ATTEMPTS = 5;

/** Open change requests that are read from the table together to be held against Git. */
const OPEN_AT_ONCE = 1_000;

/**
 * Change requests of a repository whose host has none of its own.
 *
 * @remarks
 *
 * Git decides: a change request whose branch somebody merged by hand is merged,
 * and one whose branch somebody removed is closed, whatever the table says.
 * `refs/changes/<number>/head` keeps a change's commits when its branch is gone.
 */
export class LocalChangeRequests {
  readonly #repository: GitRepository;
  readonly #writer: GitWriter;
  readonly #store: ChangeRequestStore;

  constructor(opened: OpenedRepository, store: ChangeRequestStore) {
    this.#repository = opened.repository;
    this.#writer = opened.writer;
    this.#store = store;
  }

  async open(options: {
    branch: string;
    title: string;
    body: string;
    author: Person;
    head: string;
  }): Promise<ChangeRequest> {
    const { number } = await this.#store.open(options);
    return this.get(number);
  }

  async get(number: number): Promise<ChangeRequest> {
    const row = await this.#store.find(number);
    if (!row) throw missing(number);
    if (row.state !== 'open') return toChangeRequest(row);
    return this.#locked(number, async fresh => toChangeRequest(fresh));
  }

  async list(query: ChangeRequestQuery = {}): Promise<ChangeRequestPage> {
    const { state, branch, limit = CHANGE_REQUESTS_PER_PAGE, cursor } = query;
    checkPageLimit(limit);
    const before =
      cursor === undefined ? undefined : decodeCursor(cursor, 'number');
    if (before === undefined) await this.#observeOpen({ branch });
    const found = await this.#store.list({
      state,
      branch,
      before,
      limit: limit + 1,
    });
    const { rows, nextCursor } = toPage(found, limit, row => row.number);
    return { items: rows.map(toChangeRequest), nextCursor };
  }

  /** Takes down what Git says about open change requests, with two commands for all of them. */
  async #observeOpen(query: { branch?: string }): Promise<void> {
    let open = await this.#store.listOpen({ ...query, limit: OPEN_AT_ONCE });
    if (open.length === 0) return;
    const [refs, merged] = await Promise.all([
      this.#repository.refs('refs/heads/', 'refs/changes/'),
      this.#repository.refsMergedInto(MAIN_REF, 'refs/heads/'),
    ]);
    while (open.length > 0) {
      for (const { number, branch, head } of open) {
        const ref = branchRef(branch);
        const isAsKnown =
          refs.get(ref) === head &&
          refs.get(keptRef(number)) === head &&
          !merged.has(ref);
        if (!isAsKnown) await this.get(number);
      }
      const before = open.at(-1)?.number;
      open = await this.#store.listOpen({
        ...query,
        before,
        limit: OPEN_AT_ONCE,
      });
    }
  }

  async update(
    number: number,
    changes: { title?: string; body?: string; labels?: readonly string[] },
  ): Promise<void> {
    await this.#locked(number, async (row, update) => {
      const { title = row.title, body = row.body } = changes;
      const labels = [...new Set([...row.labels, ...(changes.labels ?? [])])];
      const isSame =
        title === row.title &&
        body === row.body &&
        labels.length === row.labels.length;
      if (!isSame) await update({ title, body, labels });
    });
  }

  async comment(
    number: number,
    comment: { author: Person; text: string },
  ): Promise<void> {
    await this.#locked(number, async (row, update) => {
      const at = new Date().toISOString();
      await update({ comments: [...row.comments, { ...comment, at }] });
    });
  }

  async approve(
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

  async publishChecks(
    number: number,
    { head, checks }: { head: string; checks: Check[] },
  ): Promise<void> {
    await this.#locked(number, async (row, update) => {
      if (row.head !== head) return;
      const told = new Map(
        row.checks
          .filter(check => check.head === head)
          .map(check => [check.name, check]),
      );
      for (const check of checks) told.set(check.name, { ...check, head });
      const all = [...told.values()];
      if (!isDeepStrictEqual(all, row.checks)) await update({ checks: all });
    });
  }

  async reportDeployment(
    number: number,
    report: DeploymentReport,
  ): Promise<void> {
    await this.#locked(number, async (row, update) => {
      const isSame = (told: DeploymentReport) =>
        told.environment === report.environment;
      const { at, ...before } = row.deployments.find(isSame) ?? {};
      if (isDeepStrictEqual(before, report)) return;
      const others = row.deployments.filter(told => !isSame(told));
      const now = new Date().toISOString();
      await update({ deployments: [...others, { ...report, at: now }] });
    });
  }

  merge(
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
        const main = await this.#mainRevision();
        const merged = await this.#writer.mergeTrees(main, row.head);
        if ('conflicts' in merged) {
          return { outcome: 'conflict', paths: merged.conflicts };
        }
        const commit = await this.#writer.commitTree({
          tree: merged.tree,
          parents: [main, row.head],
          message: options.message,
          author: options.author,
        });
        const moved = await this.#writer.updateRef({
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

  async close(
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

  async diff(number: number): Promise<string> {
    const row = await this.#store.find(number);
    if (!row) throw missing(number);
    const { main, head: tip } = await this.#tips(row);
    const head = row.state === 'open' && tip ? tip : row.head;
    const against = row.base ?? main;
    const base = await this.#repository.mergeBase(against, head);
    return this.#repository.diff(base ?? against, head);
  }

  async mergedBy(commit: string): Promise<number | undefined> {
    await this.#observeOpen({});
    return this.#store.findMergedBy(commit);
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
      await this.#writer.updateRef({ ref, from: kept, to: head });
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
    const main = await this.#mainRevision();
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
    const refs = await this.#repository.tips(MAIN_REF, branch, kept);
    return {
      main: refs.get(MAIN_REF) ?? (await this.#mainRevision()),
      head: refs.get(branch),
      kept: refs.get(kept),
    };
  }

  async #removeBranch(row: ChangeRequestRow): Promise<void> {
    await this.#writer.updateRef({
      ref: branchRef(row.branch),
      from: row.head,
      to: undefined,
    });
  }

  #mainRevision(): Promise<string> {
    return mainRevisionOf(this.#repository);
  }
}

function missing(number: number): NotFoundError {
  return new NotFoundError(`There is no change request ${number}`);
}
