import { sign } from 'jsonwebtoken';
import type { GitHubCredentials } from './settings';

/** A token is replaced this long before it ends. */
const RENEW_BEFORE_END_MILLIS = 5 * 60_000;
const JWT_LIFE_SECONDS = 9 * 60;
/** GitHub refuses what was signed in its future. */
const CLOCK_DRIFT_SECONDS = 60;

export interface IssuedToken {
  token: string;
  endsAt: Date;
}

/** The token that requests are made with: one that was configured, or the newest of the App's installation. */
export class GitHubTokens {
  readonly #credentials: GitHubCredentials;
  readonly #now: () => number;
  #issue: ((jwt: string) => Promise<IssuedToken>) | undefined;
  #issued: IssuedToken | undefined;
  #issuing: Promise<IssuedToken> | undefined;

  constructor(
    credentials: GitHubCredentials,
    now: () => number = () => Date.now(),
  ) {
    this.#credentials = credentials;
    this.#now = now;
  }

  get isApp(): boolean {
    return this.#credentials.kind === 'app';
  }

  /** @param issue - asks GitHub for a token of the installation, with a JWT of the App */
  issueWith(issue: (jwt: string) => Promise<IssuedToken>): void {
    this.#issue = issue;
  }

  /** Also of many that ask at once, one asks GitHub. */
  async current(): Promise<string> {
    if (this.#credentials.kind === 'token') return this.#credentials.token;
    if (this.#issued && this.#isGood(this.#issued)) return this.#issued.token;
    this.#issuing ??= this.#issueNow().finally(() => {
      this.#issuing = undefined;
    });
    return (await this.#issuing).token;
  }

  /**
   * GitHub does not take this token any more.
   *
   * @returns whether another one can be had
   */
  forget(token: string): boolean {
    if (this.#credentials.kind === 'token') return false;
    if (this.#issued?.token === token) this.#issued = undefined;
    return true;
  }

  /** What the App itself says who it is with. */
  appJwt(): string {
    if (this.#credentials.kind !== 'app') {
      throw new Error('Only a GitHub App signs its requests');
    }
    const { appId, privateKey } = this.#credentials;
    const nowSeconds = Math.floor(this.#now() / 1000);
    return sign(
      {
        iat: nowSeconds - CLOCK_DRIFT_SECONDS,
        exp: nowSeconds + JWT_LIFE_SECONDS,
        iss: String(appId),
      },
      privateKey,
      { algorithm: 'RS256' },
    );
  }

  async #issueNow(): Promise<IssuedToken> {
    if (!this.#issue) throw new Error('Nobody was named to ask for tokens');
    this.#issued = await this.#issue(this.appJwt());
    return this.#issued;
  }

  #isGood({ endsAt }: IssuedToken): boolean {
    return endsAt.getTime() - this.#now() > RENEW_BEFORE_END_MILLIS;
  }
}
