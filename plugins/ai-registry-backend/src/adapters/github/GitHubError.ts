import { ServiceUnavailableError } from '@backstage/errors';

/** What GitHub answered to a call, in words that say what to do. Never holds a token. */
export class GitHubError extends Error {
  readonly name = 'GitHubError';
  /** Undefined when there was no answer at all. */
  readonly status: number | undefined;
  /** GitHub's own words. */
  readonly reason: string;
  /** It is down, or lets nobody in who says so: both may end while we wait. */
  readonly isHostAway: boolean;

  constructor(options: {
    call: string;
    status: number | undefined;
    reason: string;
  }) {
    const { call, status, reason } = options;
    const what =
      status === undefined
        ? `got no answer: ${reason}`
        : `was answered ${status}: ${reason}`;
    const advice = adviceFor(status, reason);
    super(`GitHub: ${call} ${what}${advice ? `. ${advice}` : ''}`);
    this.status = status;
    this.reason = reason;
    this.isHostAway =
      status === undefined ||
      status >= 500 ||
      status === 401 ||
      status === 404 ||
      (status === 403 && /suspended/i.test(reason));
  }
}

function adviceFor(
  status: number | undefined,
  reason: string,
): string | undefined {
  if (status === undefined || status >= 500) {
    return 'See whether GitHub is up; it is tried again';
  }
  if (status === 401) {
    return 'Check the credentials under integrations.github: the App id and its private key, or the token';
  }
  if (status === 403 && /not accessible by/i.test(reason)) {
    return 'Give the GitHub App (or the token) the permission, and accept it where the App is installed';
  }
  if (status === 404) {
    return 'Check aiRegistry.environments.repository, and that the GitHub App is installed there (or that the token may read it)';
  }
  return undefined;
}

/** Git got no answer from GitHub, or the copy was never filled. */
export class CopyError extends ServiceUnavailableError {
  readonly isHostAway = true;
}

/** GitHub has had enough requests for now. */
export class RateLimitError extends Error {
  readonly name = 'RateLimitError';
  readonly isHostAway = true;
  readonly until: Date;

  constructor(kind: 'primary' | 'secondary', until: Date) {
    super(
      `GitHub takes no more requests of Greenroom until ${until.toISOString()} (its ${kind} rate limit): what is waiting goes on then`,
    );
    this.until = until;
  }
}
