import { randomBytes } from 'node:crypto';
import type { MergeMethod, PullRequests } from './PullRequests';
import { type CheckRun, now, type Pull, type State, takeId } from './state';

type Verdict = 'approve' | 'request-changes' | 'comment';

const STATE_OF_VERDICT = {
  approve: 'APPROVED',
  'request-changes': 'CHANGES_REQUESTED',
  comment: 'COMMENTED',
} as const;

/** What people do on GitHub's pages. Whoever is named for the first time gets an account. */
export class People {
  readonly #state: State;
  readonly #pulls: PullRequests;

  constructor(options: { state: State; pulls: PullRequests }) {
    this.#state = options.state;
    this.#pulls = options.pulls;
  }

  join(login: string, email = `${login}@example.com`): void {
    const { accounts } = this.#state;
    if (accounts.has(login)) return;
    accounts.set(login, {
      id: takeId(this.#state),
      login,
      type: 'User',
      email,
    });
  }

  /** A token of theirs, for Git and for the API. */
  tokenOf(login: string): string {
    this.join(login);
    const { personalTokens } = this.#state;
    for (const [token, owner] of personalTokens) {
      if (owner === login) return token;
    }
    const token = `ghp_${randomBytes(18).toString('hex')}`;
    personalTokens.set(token, login);
    return token;
  }

  review(options: {
    number: number;
    account: string;
    verdict: Verdict;
    text?: string;
  }): void {
    const { number, account, verdict, text = '' } = options;
    this.join(account);
    this.#pulls.review(this.pull(number), {
      author: account,
      body: text,
      state: STATE_OF_VERDICT[verdict],
    });
  }

  /** Takes the newest verdict of an account back. */
  dismiss(options: { number: number; account: string }): void {
    const pull = this.pull(options.number);
    const review = pull.reviews.findLast(
      ({ author, state }) =>
        author === options.account &&
        (state === 'APPROVED' || state === 'CHANGES_REQUESTED'),
    );
    if (!review) throw new Error(`${options.account} has given no verdict`);
    this.#pulls.dismiss(pull, review);
  }

  comment(options: { number: number; account: string; text: string }): void {
    this.join(options.account);
    this.#pulls.comment(this.pull(options.number), {
      author: options.account,
      body: options.text,
    });
  }

  /** Changes what a comment says, which whoever may write to the repository may. */
  editComment(options: {
    number: number;
    index: number;
    change: (body: string) => string;
  }): void {
    const pull = this.pull(options.number);
    const comment = pull.comments[options.index];
    comment.body = options.change(comment.body);
    comment.updatedAt = now(this.#state);
    pull.updatedAt = comment.updatedAt;
  }

  close(number: number): void {
    this.#pulls.close(this.pull(number));
  }

  merge(options: {
    number: number;
    account: string;
    method?: MergeMethod;
  }): Promise<string> {
    this.join(options.account);
    return this.#pulls.merge(this.pull(options.number), {
      by: options.account,
      method: options.method ?? 'merge',
    });
  }

  openPull(options: {
    branch: string;
    account: string;
    title: string;
    body?: string;
    /** From a fork of theirs, which has the branch as it is here. */
    isFromFork?: boolean;
  }): Promise<Pull> {
    this.join(options.account);
    return this.#pulls.open({
      fork: options.isFromFork ? options.account : undefined,
      branch: options.branch,
      base: 'main',
      title: options.title,
      body: options.body ?? null,
      author: options.account,
    });
  }

  /** Has it go into another branch. */
  goInto(options: { number: number; base: string }): void {
    const pull = this.pull(options.number);
    pull.into = options.base;
    pull.updatedAt = now(this.#state);
  }

  pull(number: number): Pull {
    const pull = this.#state.pulls.get(number);
    if (!pull) throw new Error(`There is no pull request ${number}`);
    return pull;
  }

  /** What programs say of the newest commit of a pull request. */
  checksOf(number: number): CheckRun[] {
    const { head } = this.pull(number);
    return this.#state.checkRuns.filter(run => run.head === head);
  }
}
