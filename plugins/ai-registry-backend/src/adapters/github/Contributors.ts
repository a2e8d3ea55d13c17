import type { Branch, Person } from '../../environments/GitHost';
import { userOfPortalEmail } from '../../environments/people';
import { accountOf, accountOfEmail } from './conversation';
import type { GitHubApi } from './GitHubApi';
import { remember } from './remember';

const PAGE = 100;

/**
 * The accounts of those who wrote a branch: GitHub knows whose an address is, and nobody may approve
 * under their account what they wrote under an address.
 */
export class Contributors {
  readonly #api: GitHubApi;
  readonly #host: string;
  /** Account by address, by the two revisions. */
  readonly #known = new Map<string, Map<string, string>>();

  constructor(options: { api: GitHubApi; host: string }) {
    this.#api = options.api;
    this.#host = options.host;
  }

  async withAccounts(
    { contributors, head }: Pick<Branch, 'contributors' | 'head'>,
    main: string,
  ): Promise<Person[]> {
    const isFromPortal = ({ email }: Person) =>
      userOfPortalEmail(email) !== undefined;
    if (contributors.every(isFromPortal)) return contributors;
    const accounts = await this.#accountsOf(main, head);
    return contributors.map(person => {
      const account =
        accounts.get(person.email) ?? accountOfEmail(person.email, this.#host);
      return account ? { ...person, ...accountOf(account) } : person;
    });
  }

  async #accountsOf(main: string, head: string): Promise<Map<string, string>> {
    const key = `${main}...${head}`;
    const known = this.#known.get(key);
    if (known) return known;
    const { octokit, here } = this.#api;
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({
      ...here,
      basehead: key,
      per_page: PAGE,
    });
    const accounts = new Map<string, string>();
    for (const { commit, author, committer } of data.commits) {
      const pairs = [
        [commit.author?.email, author?.login],
        [commit.committer?.email, committer?.login],
      ];
      for (const [email, login] of pairs) {
        if (email && login) accounts.set(email, login);
      }
    }
    remember(this.#known, key, accounts);
    return accounts;
  }
}
