import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Knex } from 'knex';
import type { GitHostDescription } from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import type {
  Branch,
  ChangeRequest,
  ChangeRequestPage,
  ChangeRequestQuery,
  Check,
  Commit,
  DeploymentReport,
  GitHost,
  MergeResult,
  Person,
  RepositoryFile,
} from '../../environments/GitHost';
import { Branches, type EnsureBranch } from '../git/Branches';
import type { GitRepository } from '../git/GitRepository';
import type { OpenedRepository } from '../git/openGit';
import { branchRef, mainRevisionOf } from '../git/refs';
import { ChangeRequestStore } from './ChangeRequestStore';
import { LocalChangeRequests } from './LocalChangeRequests';
import { openRepository } from './openRepository';

/**
 * Git host in a folder: a bare repository that people may clone and push to, with
 * change requests in the plugin's database that are reviewed in the portal.
 */
export class LocalGitHost implements GitHost {
  readonly #repository: GitRepository;
  readonly #branches: Branches;
  readonly #store: ChangeRequestStore;
  readonly #requests: LocalChangeRequests;
  readonly #opened: OpenedRepository;
  readonly #listeners = new Set<() => void>();

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
    this.#opened = opened;
    this.#repository = opened.repository;
    this.#branches = new Branches(opened, {
      move: ({ branch, from, to }) =>
        opened.writer.updateRef({ ref: branchRef(branch), from, to }),
    });
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

  readFile(options: {
    path: string;
    revision: string;
  }): Promise<string | undefined> {
    return this.#repository.readFile(options);
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

  getBranch(branch: string): Promise<Branch | undefined> {
    return this.#branches.get(branch);
  }

  ensureBranch(options: EnsureBranch): Promise<Branch> {
    return this.#branches.ensure(options);
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
    return this.#telling(
      this.#requests.open({ ...options, head: branch.head }),
    );
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
    changes: { title?: string; body?: string; labels?: readonly string[] },
  ): Promise<void> {
    return this.#telling(this.#requests.update(number, changes));
  }

  commentOnChangeRequest(
    number: number,
    comment: { author: Person; text: string },
  ): Promise<void> {
    return this.#telling(this.#requests.comment(number, comment));
  }

  approveChangeRequest(
    number: number,
    approval: { author: Person; head: string },
  ): Promise<void> {
    return this.#telling(this.#requests.approve(number, approval));
  }

  mergeChangeRequest(
    number: number,
    options: { expectedHead: string; message: string; author: Person },
  ): Promise<MergeResult> {
    return this.#telling(this.#requests.merge(number, options));
  }

  closeChangeRequest(
    number: number,
    options: { author: Person; reason: string },
  ): Promise<void> {
    return this.#telling(this.#requests.close(number, options));
  }

  diffOfChangeRequest(number: number): Promise<string> {
    return this.#requests.diff(number);
  }

  changeRequestMergedBy(commit: string): Promise<number | undefined> {
    return this.#requests.mergedBy(commit);
  }

  publishChecks(
    number: number,
    options: { head: string; checks: Check[] },
  ): Promise<void> {
    return this.#telling(this.#requests.publishChecks(number, options));
  }

  reportDeployment(
    number: number,
    deployment: DeploymentReport,
  ): Promise<void> {
    return this.#telling(this.#requests.reportDeployment(number, deployment));
  }

  /** Tells what is done here; pushes are found by asking. */
  watch(listener: () => void): () => void {
    // Each has its own entry, so that the same function may be given twice.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  describe(): GitHostDescription {
    return { title: 'Git repository', problems: [] };
  }

  /** Ends what it runs, when that has answered. */
  close(): Promise<void> {
    return this.#opened.close();
  }

  async #telling<T>(change: Promise<T>): Promise<T> {
    const result = await change;
    this.#listeners.forEach(tell => tell());
    return result;
  }
}
