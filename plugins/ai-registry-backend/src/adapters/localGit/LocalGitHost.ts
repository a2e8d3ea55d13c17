import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import { createHash } from 'node:crypto';
import type {
  Branch,
  ChangeRequest,
  ChangeRequestPage,
  ChangeRequestQuery,
  Commit,
  FileChange,
  GitHost,
  MergeResult,
  Person,
  RepositoryFile,
} from '../../environments/GitHost';
import { ChangeRequestStore } from './ChangeRequestStore';
import type { GitRepository } from './GitRepository';
import type { GitWriter } from './GitWriter';
import { LocalChangeRequests } from './LocalChangeRequests';
import {
  mainRevisionOf,
  openRepository,
  type OpenedRepository,
} from './openRepository';
import { branchRef } from './refs';

/** How often a lost race for a ref is run again before the caller hears of it. */
const RACE_ATTEMPTS = 5;

/**
 * Git host in a folder: a bare repository that people may clone and push to, with
 * change requests in the plugin's database that are reviewed in the portal.
 */
export class LocalGitHost implements GitHost {
  readonly #repository: GitRepository;
  readonly #writer: GitWriter;
  readonly #store: ChangeRequestStore;
  readonly #requests: LocalChangeRequests;

  /** Opens the repository, or creates it on the first start. */
  static async create(options: {
    /** Absolute path of the bare repository. */
    directory: string;
    /** Names of those that get a folder in a new repository. */
    environments: readonly string[];
    knex: Knex;
  }): Promise<LocalGitHost> {
    const { directory, environments } = options;
    const opened = await openRepository(directory, environments);
    return new LocalGitHost(opened, new ChangeRequestStore(options.knex));
  }

  private constructor(opened: OpenedRepository, store: ChangeRequestStore) {
    this.#repository = opened.repository;
    this.#writer = opened.writer;
    this.#store = store;
    this.#requests = new LocalChangeRequests(opened, store);
  }

  mainRevision(): Promise<string> {
    return mainRevisionOf(this.#repository);
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
    maxFileBytes: number;
  }): Promise<RepositoryFile[]> {
    const { folder, ...rest } = options;
    return this.#repository.readFiles({ ...rest, path: `${folder}/` });
  }

  async descendsFrom(options: {
    revision: string;
    ancestor: string;
  }): Promise<boolean> {
    const { revision, ancestor } = options;
    return (
      (await this.#repository.resolve(ancestor)) !== undefined &&
      this.#repository.isAncestor(ancestor, revision)
    );
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
        : await this.#writer.commitFiles({
            parent,
            changes,
            message,
            author,
          });
      const moved =
        head === existing ||
        (await this.#writer.updateRef({ ref, from: existing, to: head }));
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
    return this.#requests.open({ ...options, head: branch.head });
  }

  getChangeRequest(number: number): Promise<ChangeRequest> {
    return this.#requests.get(number);
  }

  listChangeRequests(query?: ChangeRequestQuery): Promise<ChangeRequestPage> {
    return this.#requests.list(query);
  }

  changedPaths(options: { from: string; to: string }): Promise<string[]> {
    return this.#repository.changedPaths(options.from, options.to);
  }

  updateChangeRequest(
    number: number,
    changes: { title?: string; body?: string },
  ): Promise<void> {
    return this.#requests.update(number, changes);
  }

  commentOnChangeRequest(
    number: number,
    comment: { author: Person; text: string },
  ): Promise<void> {
    return this.#requests.comment(number, comment);
  }

  approveChangeRequest(
    number: number,
    approval: { author: Person; head: string },
  ): Promise<void> {
    return this.#requests.approve(number, approval);
  }

  mergeChangeRequest(
    number: number,
    options: { expectedHead: string; message: string; author: Person },
  ): Promise<MergeResult> {
    return this.#requests.merge(number, options);
  }

  closeChangeRequest(
    number: number,
    options: { author: Person; reason: string },
  ): Promise<void> {
    return this.#requests.close(number, options);
  }

  diffOfChangeRequest(number: number): Promise<string> {
    return this.#requests.diff(number);
  }

  changeRequestMergedBy(commit: string): Promise<number | undefined> {
    return this.#requests.mergedBy(commit);
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
      this.#writer.mergeTrees(main, head),
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
