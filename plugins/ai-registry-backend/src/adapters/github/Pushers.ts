import { ServiceUnavailableError } from '@backstage/errors';
import type { Person } from '../../environments/GitHost';
import { branchRef } from '../git/refs';
import { toPerson } from './conversation';
import type { GitHubApi } from './GitHubApi';
import { GitHubError } from './GitHubError';
import { remember } from './remember';

const PAGE = 100;
/** GitHub tells of a push a moment after it has taken it. */
const LONGEST_LAG_MILLIS = 60_000;
/** What GitHub shows where an account was removed. */
const GHOST = { id: 0, login: 'ghost' };
/** Somebody whom GitHub never told of; nobody's account has such a name. */
const UNKNOWN = { id: 0, login: '(unknown)' };

/** GitHub has a push, and does not say yet whose it is. */
class UntoldPushError extends ServiceUnavailableError {
  readonly isHostAway = true;
}

/**
 * The accounts that pushed to a branch. Into a commit anybody writes whom they like; who pushes has
 * shown who they are.
 */
export class Pushers {
  readonly #api: GitHubApi;
  readonly #host: string;
  readonly #now: () => number;
  /** Of branches with what they pointed at. */
  readonly #known = new Map<string, Person[]>();
  /** Revisions that Greenroom pushed. */
  readonly #own = new Map<string, true>();
  /** When revisions were seen first of which GitHub does not say who pushed them; milliseconds since the epoch. */
  readonly #untoldSince = new Map<string, number>();
  #isRefused = false;

  constructor(options: { api: GitHubApi; host: string; now?: () => number }) {
    this.#api = options.api;
    this.#host = options.host;
    this.#now = options.now ?? (() => Date.now());
  }

  /** Greenroom itself pushed this revision. */
  noteOwn(revision: string): void {
    remember(this.#own, revision, true);
  }

  /** What is wrong, and what to do; undefined when all is well. */
  trouble(): string | undefined {
    return this.#isRefused
      ? 'GitHub does not tell who pushed to a branch, so that only commits say who changed it: give the GitHub App the permission "Contents: read", or use GitHub Enterprise 3.9 or newer.'
      : undefined;
  }

  /**
   * Everybody but Greenroom itself who pushed to the branch since it was made, or made anew by Greenroom.
   *
   * @throws ServiceUnavailableError while GitHub does not say yet who pushed its newest commit
   */
  async of({ name, head }: { name: string; head: string }): Promise<Person[]> {
    const key = `${name} ${head}`;
    const known = this.#known.get(key);
    if (known) return known;
    const activities = await this.#read(name);
    if (!activities) return [];
    const people = await this.#pushersIn(activities);
    if (activities[0]?.after === head || this.#own.has(head)) {
      remember(this.#known, key, people);
      return people;
    }
    const since = this.#untoldSince.get(key) ?? this.#now();
    remember(this.#untoldSince, key, since);
    if (this.#now() - since < LONGEST_LAG_MILLIS) {
      throw new UntoldPushError(
        `GitHub does not say yet who pushed ${head.slice(
          0,
          12,
        )} to '${name}': it is asked again in a moment`,
      );
    }
    return [...people, toPerson(UNKNOWN, this.#host)];
  }

  async #pushersIn(activities: Activity[]): Promise<Person[]> {
    const self = await this.#api.self();
    const people = new Map<string, Person>();
    for (const { actor, activity_type: type } of activities) {
      // What was there before has gone.
      if (type === 'branch_deletion') break;
      const account = actor ?? GHOST;
      const isOurs = account.login === self.login;
      if (!isOurs) people.set(account.login, toPerson(account, this.#host));
      if (type === 'branch_creation') break;
      // Greenroom overwrites a branch only with what it begins at main.
      if (isOurs && type === 'force_push') break;
    }
    return [...people.values()];
  }

  /** Newest first; undefined where GitHub does not tell. */
  async #read(name: string): Promise<Activity[] | undefined> {
    const { octokit, here } = this.#api;
    try {
      const { data }: { data: Activity[] } = await octokit.request(
        'GET /repos/{owner}/{repo}/activity',
        { ...here, ref: branchRef(name), per_page: PAGE },
      );
      this.#isRefused = false;
      return data;
    } catch (error) {
      const isRefused =
        error instanceof GitHubError &&
        (error.status === 403 || error.status === 404);
      if (!isRefused) throw error;
      // GitHub also says so of everything while it does not let us in.
      await octokit.rest.repos.get(here);
      this.#isRefused = true;
      return undefined;
    }
  }
}

interface Activity {
  after: string;
  activity_type: string;
  actor: { id: number; login: string } | null;
}
