import type { Repository } from './git/Repository';
import { invalid, Refusal } from './http/answers';
import { type Places, presentLogin } from './present/accounts';
import { presentPull } from './present/pulls';
import { presentRepository } from './present/repository';
import { explainRules, needsQueue } from './rules';
import {
  type Activity,
  now,
  type Pull,
  type Review,
  type State,
  takeId,
} from './state';
import type { Webhooks } from './Webhooks';

export type MergeMethod = 'merge' | 'squash' | 'rebase';

const MOST_CHARACTERS = 65_536;

/** Everything that changes a pull request, whoever asks for it. */
export class PullRequests {
  readonly #state: State;
  readonly #git: Repository;
  readonly #webhooks: Webhooks;
  readonly #places: Places;
  #merging: Promise<unknown> = Promise.resolve();

  constructor(options: {
    state: State;
    git: Repository;
    webhooks: Webhooks;
    places: Places;
  }) {
    this.#state = options.state;
    this.#git = options.git;
    this.#webhooks = options.webhooks;
    this.#places = options.places;
  }

  async open(options: {
    branch: string;
    base: string;
    title: string;
    body: string | null;
    author: string;
    /** Login of whose fork the branch is to lie in. */
    fork?: string;
  }): Promise<Pull> {
    const { branch, base, title, body, author, fork } = options;
    const refs = await this.#git.refs();
    const head = refs.get(branch);
    const main = refs.get('main')!;
    if (base !== 'main' || !head) {
      throw invalid('PullRequest', head ? 'base' : 'head', 'is not a branch');
    }
    checkLength('PullRequest', body);
    const { pulls, owner } = this.#state;
    if (
      [...pulls.values()].some(
        p => p.branch === branch && p.fork === fork && p.state === 'open',
      )
    ) {
      throw invalid(
        'PullRequest',
        'head',
        `A pull request already exists for ${owner}:${branch}.`,
      );
    }
    if (await this.#git.isAncestor(head, main)) {
      throw invalid(
        'PullRequest',
        'base',
        `No commits between main and ${branch}`,
      );
    }
    this.#state.nextNumber += 1;
    const at = now(this.#state);
    const pull: Pull = {
      id: takeId(this.#state),
      number: this.#state.nextNumber,
      title,
      body,
      branch,
      fork,
      into: base,
      author,
      state: 'open',
      head,
      base: main,
      createdAt: at,
      updatedAt: at,
      closedAt: null,
      mergedAt: null,
      mergeCommit: null,
      mergedBy: null,
      labels: [],
      reviews: [],
      comments: [],
    };
    pulls.set(pull.number, pull);
    await this.#keepHead(pull);
    this.#tell(pull, 'opened');
    return pull;
  }

  edit(
    pull: Pull,
    changes: { title?: string; body?: string | null; by: string },
  ): void {
    checkLength('PullRequest', changes.body ?? null);
    if (changes.title !== undefined) pull.title = changes.title;
    if (changes.body !== undefined) pull.body = changes.body;
    this.#touch(pull);
    this.#tell(pull, 'edited');
  }

  label(pull: Pull, labels: readonly string[]): void {
    const missing = labels.filter(label => !pull.labels.includes(label));
    for (const label of missing) {
      // GitHub makes a label that the repository does not have, where its name is not too long.
      if (label.length > 50) {
        throw invalid(
          'Label',
          'name',
          'is too long (maximum is 50 characters)',
        );
      }
    }
    for (const label of missing) {
      pull.labels.push(label);
      this.#touch(pull);
      this.#tell(pull, 'labeled');
    }
  }

  close(pull: Pull): void {
    if (pull.state === 'closed') return;
    const at = now(this.#state);
    pull.state = 'closed';
    pull.closedAt = at;
    this.#state.queue = this.#state.queue.filter(n => n !== pull.number);
    this.#touch(pull);
    this.#tell(pull, 'closed');
  }

  comment(pull: Pull, { author, body }: { author: string; body: string }) {
    checkLength('IssueComment', body);
    const at = now(this.#state);
    const comment = {
      id: takeId(this.#state),
      author,
      body,
      createdAt: at,
      updatedAt: at,
    };
    pull.comments.push(comment);
    this.#touch(pull);
    this.#webhooks.tell('issue_comment', {
      action: 'created',
      issue: { number: pull.number, pull_request: {} },
      comment: { id: comment.id, body },
      ...this.#common(author),
    });
    return comment;
  }

  review(
    pull: Pull,
    { author, body, state }: Pick<Review, 'author' | 'body' | 'state'>,
  ): Review {
    if (state === 'APPROVED' && pull.author === author) {
      throw new Refusal(422, 'Unprocessable Entity', {
        errors: ['Can not approve your own pull request'],
      });
    }
    const review = {
      id: takeId(this.#state),
      author,
      body,
      state,
      commit: pull.head,
      submittedAt: now(this.#state),
    };
    pull.reviews.push(review);
    this.#touch(pull);
    this.#tellReview(pull, review, 'submitted');
    return review;
  }

  dismiss(pull: Pull, review: Review): void {
    review.state = 'DISMISSED';
    this.#touch(pull);
    this.#tellReview(pull, review, 'dismissed');
  }

  /** @throws Refusal in GitHub's words when it cannot be merged */
  async merge(
    pull: Pull,
    options: {
      by: string;
      sha?: string;
      method: MergeMethod;
      title?: string;
      message?: string;
      /** The queue itself merges; nobody else may where there is one. */
      fromQueue?: boolean;
    },
  ): Promise<string> {
    // One at a time, as there is one main.
    const merged = this.#merging.then(() => this.#mergeNow(pull, options));
    this.#merging = merged.catch(() => {});
    return merged;
  }

  async #mergeNow(
    pull: Pull,
    options: Parameters<PullRequests['merge']>[1],
  ): Promise<string> {
    const main = (await this.#git.branch('main'))!;
    if (pull.state !== 'open') {
      throw new Refusal(405, 'Pull Request is not mergeable');
    }
    if (options.sha !== undefined && options.sha !== pull.head) {
      throw new Refusal(
        409,
        'Head branch was modified. Review and try the merge again.',
      );
    }
    if (needsQueue(this.#state) && !options.fromQueue) {
      throw new Refusal(405, 'Changes must be made through the merge queue');
    }
    const violations = explainRules(this.#state, pull);
    if (violations) throw new Refusal(405, violations);
    const tree = await this.#git.mergeTrees(main, pull.head);
    if (!tree) throw new Refusal(405, 'Pull Request is not mergeable');
    const commit = await this.#commitMerge(pull, { ...options, main, tree });
    await this.#git.setRef('refs/heads/main', commit);
    this.#setMerged(pull, { commit, by: options.by });
    this.#tellPush(
      'main',
      { before: main, after: commit, type: 'pr_merge' },
      options.by,
    );
    return commit;
  }

  async #commitMerge(
    pull: Pull,
    options: Parameters<PullRequests['merge']>[1] & {
      main: string;
      tree: string;
    },
  ): Promise<string> {
    const { main, tree, by, method } = options;
    const account = this.#state.accounts.get(by)!;
    const author = {
      name: account.login,
      email: `${account.id}+${account.login}@users.noreply.github.com`,
    };
    const title =
      options.title ??
      (method === 'merge'
        ? `Merge pull request #${pull.number} from ${this.#state.owner}/${
            pull.branch
          }`
        : `${pull.title} (#${pull.number})`);
    const message = `${title}\n\n${options.message ?? pull.title}\n`;
    if (method === 'merge') {
      const parents = [main, pull.head];
      return this.#git.commit({ tree, parents, message, author });
    }
    if (method === 'squash') {
      return this.#git.commit({ tree, parents: [main], message, author });
    }
    let parent = main;
    const base = await this.#git.mergeBase(main, pull.head);
    for (const sha of await this.#git.between(base, pull.head)) {
      const original = await this.#git.details(sha);
      parent = await this.#git.commit({
        tree: (await this.#git.mergeTrees(parent, sha)) ?? tree,
        parents: [parent],
        message: `${original.message}\n`,
        author: original.author,
      });
    }
    return parent;
  }

  /** Puts it into main's queue, from which `processQueue` takes it. */
  enqueue(pull: Pull, expectedHead: string | undefined): number {
    if (pull.state !== 'open') throw new Refusal(422, 'Pull request is closed');
    if (expectedHead !== undefined && expectedHead !== pull.head) {
      throw new Refusal(422, 'Head branch was modified');
    }
    const { queue } = this.#state;
    if (!queue.includes(pull.number)) queue.push(pull.number);
    return queue.indexOf(pull.number) + 1;
  }

  /** Merges what waits in the queue. */
  async processQueue(): Promise<void> {
    for (;;) {
      const number = this.#state.queue.shift();
      if (number === undefined) return;
      const pull = this.#state.pulls.get(number)!;
      const by = this.#state.owner;
      await this.merge(pull, { by, method: 'merge', fromQueue: true });
    }
  }

  async removeBranch(branch: string, by: string): Promise<void> {
    const before = await this.#git.refs();
    await this.#git.setRef(`refs/heads/${branch}`, undefined);
    await this.afterPush(before, by);
  }

  /** Finds out what a push has done to pull requests, from how branches were before it. */
  async afterPush(before: Map<string, string>, by: string): Promise<void> {
    const after = await this.#git.refs();
    const main = after.get('main');
    const moved = [...new Set([...before.keys(), ...after.keys()])].filter(
      branch => before.get(branch) !== after.get(branch),
    );
    for (const branch of moved) {
      const move = { before: before.get(branch), after: after.get(branch) };
      const type = await this.#typeOf(move);
      this.#tellPush(branch, { ...move, type }, by);
    }
    for (const pull of this.#state.pulls.values()) {
      if (pull.state !== 'open' || pull.fork !== undefined) continue;
      const head = after.get(pull.branch);
      if (head && head !== pull.head) {
        pull.head = head;
        this.#state.queue = this.#state.queue.filter(n => n !== pull.number);
        await this.#keepHead(pull);
        this.#touch(pull);
        this.#tell(pull, 'synchronize');
      }
      if (
        moved.includes('main') &&
        main &&
        (await this.#git.isAncestor(pull.head, main))
      ) {
        this.#setMerged(pull, { commit: main, by });
      } else if (!head) {
        this.close(pull);
      }
    }
  }

  #setMerged(pull: Pull, { commit, by }: { commit: string; by: string }): void {
    const at = now(this.#state);
    pull.state = 'closed';
    pull.closedAt = at;
    pull.mergedAt = at;
    pull.mergeCommit = commit;
    pull.mergedBy = by;
    this.#touch(pull);
    this.#tell(pull, 'closed');
  }

  /** `refs/pull/<number>/head` is there for ever, whatever happens to the branch. */
  #keepHead(pull: Pull): Promise<void> {
    return this.#git.setRef(`refs/pull/${pull.number}/head`, pull.head);
  }

  #touch(pull: Pull): void {
    pull.updatedAt = now(this.#state);
  }

  #tell(pull: Pull, action: string): void {
    this.#webhooks.tell('pull_request', {
      action,
      number: pull.number,
      pull_request: presentPull(this.#state, pull, this.#places),
      ...this.#common(pull.author),
    });
  }

  #tellReview(pull: Pull, review: Review, action: string): void {
    this.#webhooks.tell('pull_request_review', {
      action,
      review: { id: review.id, state: review.state.toLowerCase() },
      pull_request: presentPull(this.#state, pull, this.#places),
      ...this.#common(review.author),
    });
  }

  async #typeOf({ before, after }: Move): Promise<Activity['type']> {
    if (before === undefined) return 'branch_creation';
    if (after === undefined) return 'branch_deletion';
    const isForward = await this.#git.isAncestor(before, after);
    return isForward ? 'push' : 'force_push';
  }

  #tellPush(
    branch: string,
    { before, after, type }: Move & Pick<Activity, 'type'>,
    by: string,
  ): void {
    const none = '0'.repeat(40);
    const moved = {
      ref: `refs/heads/${branch}`,
      before: before ?? none,
      after: after ?? none,
    };
    this.#state.activities.push({
      id: takeId(this.#state),
      ...moved,
      type,
      actor: by,
      at: now(this.#state),
    });
    this.#webhooks.tell('push', {
      ...moved,
      deleted: after === undefined,
      created: before === undefined,
      ...this.#common(by),
    });
  }

  #common(sender: string): object {
    return {
      repository: presentRepository(this.#state, this.#places),
      sender: presentLogin(this.#state, sender, this.#places),
      installation: { id: this.#state.app.installationId },
    };
  }
}

interface Move {
  before: string | undefined;
  after: string | undefined;
}

function checkLength(resource: string, body: string | null): void {
  if (body === null || body.length <= MOST_CHARACTERS) return;
  throw invalid(
    resource,
    'body',
    `body is too long (maximum is ${MOST_CHARACTERS} characters)`,
  );
}
