import { InputError, isError, NotFoundError } from '@backstage/errors';
import {
  CHANGE_REQUESTS_PER_PAGE,
  type ChangeRequest,
  type ChangeRequestPage,
  type ChangeRequestQuery,
} from '../../environments/GitHost';
import { decodeCursor, encodeCursor } from '../../paging/cursor';
import { checkPageLimit } from '../git/checkPageLimit';
import { keptRef, MAIN_REF } from '../git/refs';
import { type Conversation, readConversation, toPerson } from './conversation';
import type { GitHubApi } from './GitHubApi';
import type { Markers } from './markers';
import type { Mirror } from './Mirror';
import type { Progress } from './Progress';
import { type Pull, toPull } from './pull';
import { remember } from './remember';

/** More are looked at when these have ended. */
const MOST_OPEN = 5_000;
const MOST_COMMENTS = 2_000;
const PAGE = 100;
/** GitHub tells time in seconds: what changed in the last ones may change again unseen. */
const SETTLED_MILLIS = 3_000;

interface KnownConversation {
  /** Of the pull request, when it was read. */
  updatedAt: string;
  readAtMillis: number;
  conversation: Conversation;
}

export interface PullRequestsOptions {
  api: GitHubApi;
  mirror: Mirror;
  markers: Markers;
  progress: Progress;
  /** Part of the addresses of accounts. */
  host: string;
  now?: () => number;
}

/**
 * Pull requests into main, and what is said in them. What has not changed since it was read is not
 * read again.
 */
export class PullRequests {
  readonly #options: PullRequestsOptions;
  readonly #now: () => number;
  /** Open ones as they were seen last, by number. */
  #open = new Map<number, Pull>();
  readonly #conversations = new Map<number, KnownConversation>();
  #changes = 0;

  constructor(options: PullRequestsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => Date.now());
  }

  /** Differs from before when something was seen to have changed. */
  changeToken(): string {
    return String(this.#changes);
  }

  /** Something about it may have changed without its time telling so. */
  forget(number: number): void {
    this.#conversations.delete(number);
    this.#changes += 1;
  }

  /** Looks at all open ones; @returns whether anything has changed. */
  async refresh(): Promise<boolean> {
    const found = new Map<number, Pull>();
    for await (const pull of this.#each({ state: 'open' })) {
      found.set(pull.number, pull);
      if (found.size >= MOST_OPEN) break;
    }
    const isSame =
      found.size === this.#open.size &&
      [...found.values()].every(pull =>
        isUnchanged(this.#open.get(pull.number), pull),
      );
    for (const number of this.#open.keys()) {
      if (!found.has(number)) this.#conversations.delete(number);
    }
    this.#open = found;
    if (!isSame) this.#changes += 1;
    return !isSame;
  }

  /** One as GitHub has it now. @throws NotFoundError */
  async read(number: number): Promise<Pull> {
    const { api } = this.#options;
    let pull: Pull | undefined;
    try {
      const { data } = await api.octokit.rest.pulls.get({
        ...api.here,
        pull_number: number,
      });
      pull = toPull(data);
    } catch (error) {
      if (!isError(error) || error.status !== 404) throw error;
    }
    if (!pull) {
      // GitHub also says so of everything while it does not let us in.
      await api.octokit.rest.repos.get(api.here);
      throw new NotFoundError(`There is no change request ${number}`);
    }
    this.#note(pull);
    return pull;
  }

  /** As the port describes it, with everything. */
  async get(number: number): Promise<ChangeRequest> {
    const pull = await this.read(number);
    await this.#haveCommits(pull);
    const mergeCommit = pull.isMerged
      ? await this.mergeCommitOf(pull)
      : undefined;
    const [request, progress] = await Promise.all([
      this.#describe(pull, mergeCommit),
      this.#options.progress.read({
        head: pull.head,
        deployed: mergeCommit ?? pull.head,
      }),
    ]);
    return { ...request, ...progress };
  }

  async list(query: ChangeRequestQuery = {}): Promise<ChangeRequestPage> {
    const { limit = CHANGE_REQUESTS_PER_PAGE, cursor } = query;
    checkPageLimit(limit);
    const before =
      cursor === undefined ? undefined : decodeCursor(cursor, 'number');
    if (before !== undefined && !Number.isInteger(before)) {
      throw new InputError(`cursor '${cursor}' is not one that this list gave`);
    }
    const pulls: Pull[] = [];
    for await (const pull of this.#each(query)) {
      if (before !== undefined && pull.number >= before) continue;
      if (query.state && stateOf(pull) !== query.state) continue;
      pulls.push(pull);
      if (pulls.length > limit) break;
    }
    const page = pulls.slice(0, limit);
    const items = await Promise.all(
      page.map(pull => this.#describeBriefly(pull)),
    );
    return {
      items,
      nextCursor:
        pulls.length > limit ? encodeCursor(page[limit - 1].number) : undefined,
    };
  }

  /** The open one of a branch. */
  async openOf(branch: string): Promise<Pull | undefined> {
    for await (const pull of this.#each({ state: 'open', branch })) {
      if (pull.branch === branch) return pull;
    }
    return undefined;
  }

  /** Newest commit of a branch in a fork, of which there is an open one. */
  async headInFork(branch: string): Promise<string | undefined> {
    const pull = [...this.#open.values()].find(
      one => one.isFromFork && one.branch === branch,
    );
    if (pull) await this.#haveCommits(pull);
    return pull?.head;
  }

  /** What is said in it, as it is now. */
  async conversationOf(pull: Pull): Promise<Conversation> {
    const known = this.#conversations.get(pull.number);
    const isSettled =
      known !== undefined &&
      known.updatedAt === pull.updatedAt &&
      known.readAtMillis - Date.parse(known.updatedAt) > SETTLED_MILLIS;
    if (isSettled) return known.conversation;
    const readAtMillis = this.#now();
    const conversation = await this.#readConversation(pull);
    const { updatedAt } = pull;
    remember(
      this.#conversations,
      pull.number,
      { updatedAt, readAtMillis, conversation },
      2 * MOST_OPEN,
    );
    return conversation;
  }

  /**
   * The commit on main's own line of history that brought it in; undefined while main does not
   * have it, or not any more.
   */
  async mergeCommitOf(pull: Pull): Promise<string | undefined> {
    const { mirror } = this.#options;
    const found = await this.#findMergeCommit(pull);
    if (found) return found;
    await mirror.fetch();
    return this.#findMergeCommit(pull);
  }

  async #findMergeCommit(pull: Pull): Promise<string | undefined> {
    const { repository } = this.#options.mirror.opened;
    // A merge by hand may have been part of a longer push: what main says counts.
    for (const commit of [pull.head, pull.mergeCommit]) {
      const isHere = commit && (await repository.resolve(commit));
      const onLine =
        isHere && (await repository.firstOnLineWith(commit, MAIN_REF));
      if (onLine) return onLine;
    }
    return undefined;
  }

  /** Its commits are there to be read, whatever has become of its branch. */
  async #haveCommits({ number, head }: Pull): Promise<void> {
    const { mirror } = this.#options;
    const { repository } = mirror.opened;
    const kept = await repository.refs(keptRef(number));
    if (kept.get(keptRef(number)) === head) return;
    if (!(await repository.resolve(head))) await mirror.fetchPull(number);
    await mirror.opened.writer.updateRef({
      ref: keptRef(number),
      from: await repository.resolve(keptRef(number)),
      to: head,
    });
  }

  /** Of many, checks and deployments are as they were told last. */
  async #describeBriefly(pull: Pull): Promise<ChangeRequest> {
    await this.#haveCommits(pull);
    const mergeCommit = pull.isMerged
      ? await this.mergeCommitOf(pull)
      : undefined;
    const request = await this.#describe(pull, mergeCommit);
    const { progress } = this.#options;
    return {
      ...request,
      ...progress.known({
        head: pull.head,
        deployed: mergeCommit ?? pull.head,
      }),
    };
  }

  async #describe(
    pull: Pull,
    mergeCommit: string | undefined,
  ): Promise<Omit<ChangeRequest, 'checks' | 'deployments'>> {
    const { api, markers, host } = this.#options;
    const [{ approvals, objections, comments }, self] = await Promise.all([
      this.conversationOf(pull),
      api.self(),
    ]);
    const { text, marked } = markers.read(pull.body, {
      where: openedIn(pull.branch),
      isOurs: pull.author?.login === self.login,
    });
    const account = pull.author ?? { id: 0, login: 'ghost' };
    return {
      number: pull.number,
      title: pull.title,
      body: text,
      branch: pull.branch,
      ...(pull.isFromFork && { isFromFork: true }),
      labels: pull.labels,
      author: marked?.by ?? toPerson(account, host),
      url: pull.url,
      state: stateOf(pull),
      head: pull.head,
      mergeCommit,
      approvals,
      objections,
      comments,
    };
  }

  async #readConversation(pull: Pull): Promise<Conversation> {
    const { api, markers, host } = this.#options;
    const { octokit, here } = api;
    const [self, reviews, comments] = await Promise.all([
      api.self(),
      readPages(MOST_COMMENTS, page =>
        octokit.rest.pulls.listReviews({
          ...here,
          pull_number: pull.number,
          per_page: PAGE,
          page,
        }),
      ),
      readPages(MOST_COMMENTS, page =>
        octokit.rest.issues.listComments({
          ...here,
          issue_number: pull.number,
          per_page: PAGE,
          page,
        }),
      ),
    ]);
    return readConversation({
      reviews,
      comments,
      markers,
      where: saidIn(pull.number),
      self: self.login,
      host,
    });
  }

  /** Newest first. */
  async *#each(query: {
    state?: ChangeRequest['state'];
    branch?: string;
  }): AsyncGenerator<Pull> {
    const { octokit, here } = this.#options.api;
    const { state, branch } = query;
    for (let page = 1; ; page++) {
      const { data } = await octokit.rest.pulls.list({
        ...here,
        base: 'main',
        state: stateForList(state),
        ...(branch !== undefined && { head: `${here.owner}:${branch}` }),
        sort: 'created',
        direction: 'desc',
        per_page: PAGE,
        page,
      });
      for (const pull of data) yield toPull(pull);
      if (data.length < PAGE) return;
    }
  }

  #note(pull: Pull): void {
    const known = this.#open.get(pull.number);
    if (stateOf(pull) === 'open') {
      if (isUnchanged(known, pull)) return;
      this.#open.set(pull.number, pull);
      this.#changes += 1;
    } else if (this.#open.delete(pull.number)) {
      this.#changes += 1;
    }
  }
}

/** What a comment is signed for. */
export function saidIn(number: number): string {
  return `pull ${number}`;
}

/** What a description is signed for: a pull request has no number before it is opened. */
export function openedIn(branch: string): string {
  return `branch ${branch}`;
}

export function stateOf(pull: Pull): ChangeRequest['state'] {
  if (pull.isMerged) return 'merged';
  return pull.isOpen ? 'open' : 'closed';
}

/** GitHub calls merged ones closed. */
function stateForList(state: ChangeRequest['state'] | undefined) {
  if (state === undefined) return 'all';
  return state === 'open' ? 'open' : 'closed';
}

function isUnchanged(before: Pull | undefined, now: Pull): boolean {
  return (
    before !== undefined &&
    before.updatedAt === now.updatedAt &&
    before.head === now.head &&
    before.title === now.title
  );
}

async function readPages<T>(
  most: number,
  readPage: (page: number) => Promise<{ data: T[] }>,
): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; items.length < most; page++) {
    const { data } = await readPage(page);
    items.push(...data);
    if (data.length < PAGE) break;
  }
  return items;
}
