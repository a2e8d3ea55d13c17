import { ConflictError, NotFoundError, toError } from '@backstage/errors';
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
import { MAIN_REF, mainRevisionOf } from '../git/refs';
import { Comments } from './Comments';
import { Contributors } from './Contributors';
import type { GitHubApi } from './GitHubApi';
import { CopyError, GitHubError } from './GitHubError';
import { ensureMainRule } from './MainRule';
import type { Markers } from './markers';
import { MergeGroups } from './MergeGroups';
import { Merges } from './Merges';
import type { Mirror } from './Mirror';
import { Progress } from './Progress';
import { openedIn, PullRequests } from './PullRequests';
import { Pushers } from './Pushers';
import type { Pull } from './pull';
import { remember } from './remember';
import type { GitHubSettings } from './settings';

export interface GitHubHostOptions {
  settings: GitHubSettings;
  api: GitHubApi;
  mirror: Mirror;
  markers: Markers;
}

/** Why the last look failed, and since when none has succeeded. */
interface Trouble {
  since: Date;
  error: Error;
}

/**
 * Git host on GitHub: what is in Git is read from a copy of the repository, pull requests are made,
 * discussed and merged by GitHub's API.
 */
export class GitHubHost implements GitHost {
  readonly #settings: GitHubSettings;
  readonly #api: GitHubApi;
  readonly #mirror: Mirror;
  readonly #markers: Markers;
  readonly #branches: Branches;
  readonly #contributors: Contributors;
  readonly #pushers: Pushers;
  readonly #pulls: PullRequests;
  readonly #comments: Comments;
  readonly #progress: Progress;
  readonly #merges: Merges;
  readonly #groups: MergeGroups;
  readonly #listeners = new Set<() => void>();
  readonly #mergedBy = new Map<string, number>();
  /** Nothing can be said of a repository that was never seen. */
  #isFetched = false;
  #toldMain: string | undefined;
  #trouble: Trouble | undefined;
  #ruleTrouble: string | undefined;

  constructor(options: GitHubHostOptions) {
    const { settings, api, mirror, markers } = options;
    this.#settings = settings;
    this.#api = api;
    this.#mirror = mirror;
    this.#markers = markers;
    const host = new URL(settings.pageUrl).host;
    this.#pushers = new Pushers({ api, host });
    this.#branches = new Branches(mirror.opened, {
      move: async move => {
        this.#pushers.noteOwn(move.to);
        return mirror.push(move);
      },
    });
    this.#contributors = new Contributors({ api, host });
    this.#progress = new Progress(api);
    const progress = this.#progress;
    this.#pulls = new PullRequests({ api, mirror, markers, progress, host });
    const pulls = this.#pulls;
    this.#comments = new Comments({ api, markers, pulls });
    const method = settings.mergeMethod;
    this.#merges = new Merges({ api, mirror, pulls, method });
    this.#groups = new MergeGroups({ mirror, pulls, progress });
  }

  /**
   * Finds out what is new, and tells who watches. What fails stays to be told by `describe`.
   *
   * @param hint - pull request of which something may have changed unseen
   */
  async refresh(hint: { pullRequest?: number } = {}): Promise<void> {
    try {
      await this.#mirror.fetch();
      this.#isFetched = true;
      await this.#tellOfMain();
      if (hint.pullRequest !== undefined) this.#pulls.forget(hint.pullRequest);
      await this.#pulls.refresh();
      await this.#groups.tellChecks();
      this.#trouble = undefined;
    } catch (error) {
      const since = this.#trouble?.since ?? new Date();
      this.#trouble = { since, error: toError(error) };
      throw error;
    }
    this.#tell();
  }

  /** Sees to it that main requires Greenroom's check, where that is wanted. */
  async ensureRules(): Promise<void> {
    if (!this.#settings.requireChecks) return;
    this.#ruleTrouble = await ensureMainRule(this.#api);
  }

  async mainRevision({ fresh = false } = {}): Promise<string> {
    if (fresh) await this.#mirror.fetch();
    await this.#mustBeFetched();
    return mainRevisionOf(this.#mirror.opened.repository);
  }

  async changeToken(): Promise<string> {
    await this.#mustBeFetched();
    const refs = await this.#mirror.opened.repository.refs('refs/heads/');
    const state = JSON.stringify([...refs, this.#pulls.changeToken()]);
    return createHash('sha256').update(state).digest('hex');
  }

  readFile(options: {
    path: string;
    revision: string;
  }): Promise<string | undefined> {
    return this.#mirror.opened.repository.readFile(options);
  }

  listFiles(options: {
    folder: string;
    revision: string;
    maxFileBytes: number;
  }): Promise<RepositoryFile[]> {
    const { folder, ...rest } = options;
    const { repository } = this.#mirror.opened;
    return repository.readFiles({ ...rest, path: `${folder}/` });
  }

  async descendsFrom(options: {
    revision: string;
    ancestor: string;
  }): Promise<boolean> {
    const { revision, ancestor } = options;
    const { repository } = this.#mirror.opened;
    return (
      (await repository.resolve(ancestor)) !== undefined &&
      repository.isAncestor(ancestor, revision)
    );
  }

  lastChange(options: {
    path: string;
    revision: string;
  }): Promise<Commit | undefined> {
    return this.#mirror.opened.repository.lastChange(options);
  }

  changedPaths(options: { from: string; to: string }): Promise<string[]> {
    const { from, to } = options;
    return this.#mirror.opened.repository.changedPaths(from, to);
  }

  async getBranch(
    branch: string,
    { head }: { head?: string } = {},
  ): Promise<Branch | undefined> {
    await this.#mustBeFetched();
    const inFork = await this.#pulls.headInFork(branch);
    const seen = await this.#branches.get(branch, inFork);
    const found =
      head === undefined || seen?.head === head
        ? seen
        : await this.#lookAgain(branch);
    return found && this.#withAccounts(found, inFork !== undefined);
  }

  async #lookAgain(branch: string): Promise<Branch | undefined> {
    await this.#mirror.fetch();
    return this.#branches.get(branch);
  }

  async ensureBranch(options: EnsureBranch): Promise<Branch> {
    await this.#mirror.fetch();
    this.#isFetched = true;
    const branch = await this.#branches.ensure(options);
    return this.#withAccounts(branch);
  }

  async openChangeRequest(options: {
    branch: string;
    title: string;
    body: string;
    author: Person;
  }): Promise<ChangeRequest> {
    const { title, author } = options;
    // Another control plane may have made it.
    const branch =
      (await this.#branches.get(options.branch)) ??
      (await this.#lookAgain(options.branch));
    if (!branch) {
      throw new NotFoundError(`There is no branch '${options.branch}'`);
    }
    if (branch.changedPaths.length === 0) {
      throw new ConflictError(
        `Branch '${branch.name}' changes nothing: main has its content already`,
      );
    }
    const open = await this.#pulls.openOf(branch.name);
    if (open) return this.getChangeRequest(open.number);
    const body = this.#markers.sign(
      options.body,
      { kind: 'opened', by: author },
      openedIn(branch.name),
    );
    const number = await this.#openPull({ branch: branch.name, title, body });
    const request = await this.getChangeRequest(number);
    this.#tell();
    return request;
  }

  getChangeRequest(number: number): Promise<ChangeRequest> {
    return this.#pulls.get(number);
  }

  listChangeRequests(query?: ChangeRequestQuery): Promise<ChangeRequestPage> {
    return this.#pulls.list(query);
  }

  async updateChangeRequest(
    number: number,
    changes: { title?: string; body?: string; labels?: readonly string[] },
  ): Promise<void> {
    const pull = await this.#pulls.read(number);
    await this.#addLabels(pull, changes.labels ?? []);
    const self = await this.#api.self();
    const where = openedIn(pull.branch);
    const { text, marked } = this.#markers.read(pull.body, {
      where,
      isOurs: pull.author?.login === self.login,
    });
    const { title = pull.title, body = text } = changes;
    if (title === pull.title && body === text) return;
    await this.#api.octokit.rest.pulls.update({
      ...this.#api.here,
      pull_number: number,
      title,
      body: marked ? this.#markers.sign(body, marked, where) : body,
    });
    this.#tell();
  }

  async #addLabels(pull: Pull, labels: readonly string[]): Promise<void> {
    const missing = labels.filter(label => !pull.labels.includes(label));
    if (missing.length === 0) return;
    await this.#api.octokit.rest.issues.addLabels({
      ...this.#api.here,
      issue_number: pull.number,
      labels: missing,
    });
    this.#tell();
  }

  async commentOnChangeRequest(
    number: number,
    comment: { author: Person; text: string },
  ): Promise<void> {
    await this.#comments.say(await this.#pulls.read(number), comment);
    this.#tell();
  }

  async approveChangeRequest(
    number: number,
    approval: { author: Person; head: string },
  ): Promise<void> {
    await this.#comments.approve(await this.#pulls.read(number), approval);
    this.#tell();
  }

  async mergeChangeRequest(
    number: number,
    options: { expectedHead: string; message: string; author: Person },
  ): Promise<MergeResult> {
    const result = await this.#merges.merge(number, options);
    this.#tell();
    return result;
  }

  async closeChangeRequest(
    number: number,
    options: { author: Person; reason: string },
  ): Promise<void> {
    const pull = await this.#pulls.read(number);
    if (pull.isOpen) {
      await this.#comments.giveReason(pull, options);
      await this.#api.octokit.rest.pulls.update({
        ...this.#api.here,
        pull_number: number,
        state: 'closed',
      });
    }
    // Where it goes elsewhere, it is somebody's, and not ours to take away.
    if (pull.isMerged || pull.base !== 'main') return;
    // Closed by somebody else before, its branch may carry another one by now.
    const other = await this.#pulls.openOf(pull.branch);
    if (!other || other.number === number) {
      await this.#merges.removeBranch(pull);
    }
    this.#tell();
  }

  async diffOfChangeRequest(number: number): Promise<string> {
    const { state, head, mergeCommit } = await this.#pulls.get(number);
    const { repository } = this.#mirror.opened;
    const before =
      mergeCommit && (await repository.resolve(`${mergeCommit}^1`));
    const against = before ?? (await this.mainRevision());
    const base = await repository.mergeBase(against, head);
    // What a branch that was merged by fast-forward began with, main does not tell any more.
    return state === 'merged' && base === head && mergeCommit
      ? repository.diff(`${mergeCommit}^1`, head)
      : repository.diff(base ?? against, head);
  }

  async changeRequestMergedBy(commit: string): Promise<number | undefined> {
    const known = this.#mergedBy.get(commit);
    if (known !== undefined) return known;
    const found = await this.#findMergedBy(commit);
    if (found !== undefined) remember(this.#mergedBy, commit, found);
    return found;
  }

  async publishChecks(
    number: number,
    { head, checks }: { head: string; checks: Check[] },
  ): Promise<void> {
    const pull = await this.#pulls.read(number);
    if (pull.head === head) await this.#progress.publish(head, checks);
  }

  async reportDeployment(
    number: number,
    deployment: DeploymentReport,
  ): Promise<void> {
    const pull = await this.#pulls.read(number);
    const merged = pull.isMerged
      ? await this.#pulls.mergeCommitOf(pull)
      : undefined;
    await this.#progress.report(merged ?? pull.head, deployment);
  }

  watch(listener: () => void): () => void {
    // Each has its own entry, so that the same function may be given twice.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  describe(): GitHostDescription {
    const { pageUrl } = this.#settings;
    const setup = [
      this.#ruleTrouble,
      this.#webhookTrouble(),
      this.#pushers.trouble(),
    ]
      .filter(text => text !== undefined)
      .map(text => ({ kind: 'setup' as const, text }));
    return {
      title: 'GitHub',
      url: pageUrl,
      cloneUrl: `${pageUrl}.git`,
      problems: this.#trouble
        ? [{ kind: 'away', text: describeTrouble(this.#trouble) }, ...setup]
        : setup,
    };
  }

  #webhookTrouble(): string | undefined {
    const { webhookSecret, sweepMillis } = this.#settings;
    return webhookSecret
      ? undefined
      : `What happens on GitHub is seen only every ${
          sweepMillis / 1000
        } s: set up a webhook, and its secret as aiRegistry.environments.github.webhookSecret.`;
  }

  async #openPull(options: {
    branch: string;
    title: string;
    body: string;
  }): Promise<number> {
    const { octokit, here } = this.#api;
    const { branch, title, body } = options;
    try {
      const { data } = await octokit.rest.pulls.create({
        ...here,
        head: branch,
        base: 'main',
        title,
        body,
        // A second one is refused, and then looked for.
        request: { repeatable: true },
      });
      return data.number;
    } catch (error) {
      if (!(error instanceof GitHubError) || error.status !== 422) throw error;
      const open = await this.#pulls.openOf(branch);
      if (!open) throw error;
      return open.number;
    }
  }

  async #findMergedBy(commit: string): Promise<number | undefined> {
    const { octokit, here } = this.#api;
    const { repository } = this.#mirror.opened;
    // GitHub knows a pull request by its own commits, too.
    const merged = await repository.resolve(`${commit}^2`);
    for (const known of [commit, merged]) {
      if (known === undefined) continue;
      const { data } = await octokit.rest.repos
        .listPullRequestsAssociatedWithCommit({ ...here, commit_sha: known })
        .catch(error => {
          // Of a commit that it does not have yet, GitHub knows nothing.
          if (error.status !== 404 && error.status !== 422) throw error;
          return { data: [] };
        });
      for (const { number, merged_at, base } of data) {
        if (!merged_at || base.ref !== 'main') continue;
        const pull = await this.#pulls.read(number);
        if ((await this.#pulls.mergeCommitOf(pull)) === commit) return number;
      }
    }
    return undefined;
  }

  async #withAccounts(branch: Branch, isInFork = false): Promise<Branch> {
    const main = await this.mainRevision();
    const authors = await this.#contributors.withAccounts(branch, main);
    const pushers = isInFork ? [] : await this.#pushers.of(branch);
    const others = pushers.filter(
      ({ account }) => !authors.some(author => author.account === account),
    );
    return { ...branch, contributors: [...authors, ...others] };
  }

  /** The copy may be of a process before this one. */
  async #mustBeFetched(): Promise<void> {
    const { repository } = this.#mirror.opened;
    this.#isFetched ||= (await repository.resolve(MAIN_REF)) !== undefined;
    if (this.#isFetched) return;
    throw new CopyError(
      this.#trouble
        ? describeTrouble(this.#trouble)
        : 'The environments repository was not fetched yet',
    );
  }

  /** Whoever applies main need not wait until all pull requests are looked at. */
  async #tellOfMain(): Promise<void> {
    const main = await this.mainRevision();
    if (main === this.#toldMain) return;
    this.#toldMain = main;
    this.#tell();
  }

  #tell(): void {
    this.#listeners.forEach(tell => tell());
  }
}

function describeTrouble({ since, error }: Trouble): string {
  return `What is new on GitHub cannot be seen since ${since.toISOString()}: ${
    error.message
  }`;
}
