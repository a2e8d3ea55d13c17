import { Octokit } from '@octokit/rest';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerCache } from './AnswerCache';
import { decideRetry, explainFailure } from './decideRetry';
import { GitHubError, RateLimitError } from './GitHubError';
import { GitHubTokens } from './GitHubTokens';
import type { GitHubSettings } from './settings';

const TIMEOUT_MILLIS = 10_000;
/** GitHub asks its callers not to come all at once. */
const MOST_AT_ONCE = 8;

class TimeoutError extends Error {
  readonly name = 'TimeoutError';
}

type RequestOptions = Required<Octokit['request']['endpoint']['DEFAULTS']>;
type Response = Awaited<ReturnType<Octokit['request']>>;
type Request = (options: RequestOptions) => Response | Promise<Response>;

/** Octokit reads JSON wherever it is announced, which GitHub does of an answer that holds, and has no body. */
const fetchWithoutEmptyJson: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  return response.status === 304
    ? new Response(null, { status: 304 })
    : response;
};

export interface GitHubApiOptions {
  settings: Pick<
    GitHubSettings,
    'owner' | 'repository' | 'apiUrl' | 'credentials'
  >;
  timeoutMillis?: number;
  /** Waits, for tests that do not. */
  pause?: (millis: number) => Promise<unknown>;
  now?: () => number;
}

/**
 * GitHub's API with what every call needs: a token, a time limit, another try where that may help,
 * and no call at all while GitHub wants none.
 *
 * @remarks
 *
 * A call that creates something is repeated only when GitHub cannot have taken it, unless it says
 * `request: { repeatable: true }`.
 */
export class GitHubApi {
  readonly octokit: Octokit;
  readonly tokens: GitHubTokens;
  /** Parameters that name the repository. */
  readonly here: { owner: string; repo: string };
  readonly #cache = new AnswerCache();
  readonly #timeoutMillis: number;
  readonly #pause: (millis: number) => Promise<unknown>;
  readonly #now: () => number;
  #self: Promise<{ login: string; appId?: number }> | undefined;
  #blocked: RateLimitError | undefined;
  #active = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: GitHubApiOptions) {
    const { settings, now = () => Date.now() } = options;
    const { owner, repository, apiUrl, credentials } = settings;
    this.here = { owner, repo: repository };
    this.#timeoutMillis = options.timeoutMillis ?? TIMEOUT_MILLIS;
    this.#pause = options.pause ?? sleep;
    this.#now = now;
    this.tokens = new GitHubTokens(credentials, now);
    this.octokit = new Octokit({
      baseUrl: apiUrl,
      userAgent: 'greenroom',
      request: { fetch: fetchWithoutEmptyJson },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    this.octokit.hook.wrap('request', (request, requestOptions) =>
      this.#send(request, requestOptions),
    );
    this.tokens.issueWith(jwt => this.#issueToken(jwt));
  }

  /** Who Greenroom is on GitHub; `appId` where it is an App. */
  self(): Promise<{ login: string; appId?: number }> {
    this.#self ??= this.#findSelf().catch(error => {
      this.#self = undefined;
      throw error;
    });
    return this.#self;
  }

  get isApp(): boolean {
    return this.tokens.isApp;
  }

  async #findSelf() {
    if (!this.isApp) {
      const { data } = await this.octokit.rest.users.getAuthenticated();
      return { login: data.login };
    }
    const { data } = await this.octokit.rest.apps.getAuthenticated({
      request: { jwt: this.tokens.appJwt() },
    });
    return { login: `${data.slug}[bot]`, appId: data.id };
  }

  async #issueToken(jwt: string) {
    const { here } = this;
    const asApp = { request: { jwt, repeatable: true } };
    const { data: installation } =
      await this.octokit.rest.apps.getRepoInstallation({ ...here, ...asApp });
    const { data } = await this.octokit.rest.apps.createInstallationAccessToken(
      {
        installation_id: installation.id,
        repositories: [here.repo],
        ...asApp,
      },
    );
    return { token: data.token, endsAt: new Date(data.expires_at) };
  }

  async #send(request: Request, options: RequestOptions): Promise<Response> {
    const url = this.octokit.request.endpoint(options).url;
    const call = `${options.method} ${new URL(url).pathname}`;
    const { jwt, repeatable, ...rest } = options.request as {
      jwt?: string;
      repeatable?: boolean;
    };
    const plain = { headers: options.headers, request: rest };
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      this.#mustNotWait();
      const token = jwt ?? (await this.tokens.current());
      const authorization = `${jwt ? 'bearer' : 'token'} ${token}`;
      try {
        return await this.#sendOnce(request, options, {
          url,
          plain,
          authorization,
        });
      } catch (error) {
        const failure = explainFailure(error);
        if (
          failure.status === 401 &&
          !jwt &&
          !renewed &&
          this.tokens.forget(token)
        ) {
          renewed = true;
          continue;
        }
        const decision = decideRetry(failure, {
          attempt,
          method: options.method,
          isRepeatable: repeatable === true,
          nowMillis: this.#now(),
        });
        if (decision.action === 'block') {
          this.#blocked = new RateLimitError(decision.kind, decision.until);
          throw this.#blocked;
        }
        if (decision.action === 'fail') {
          throw new GitHubError({ call, ...failure });
        }
        await this.#pause(decision.pauseMillis);
      }
    }
  }

  /** Octokit sends what stands in these very options, not what a hook hands on. */
  async #sendOnce(
    request: Request,
    options: RequestOptions,
    call: {
      url: string;
      plain: Pick<RequestOptions, 'headers' | 'request'>;
      authorization: string;
    },
  ): Promise<Response> {
    const { url, plain, authorization } = call;
    const isReading = options.method === 'GET';
    const known = isReading ? this.#cache.get(url) : undefined;
    await this.#take();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.#timeoutMillis);
    options.headers = {
      ...plain.headers,
      authorization,
      ...(known && { 'if-none-match': known.etag }),
    };
    options.request = { ...plain.request, signal: abort.signal };
    try {
      const response = await request(options);
      const { etag } = response.headers;
      if (isReading && etag) {
        const { headers, data } = response;
        this.#cache.set(url, { etag, headers, data });
      }
      return response;
    } catch (error) {
      if (known && explainFailure(error).status === 304) {
        const { headers, data } = known;
        return { status: 200, url, headers, data };
      }
      if (abort.signal.aborted) {
        throw new TimeoutError(`it took longer than ${this.#timeoutMillis} ms`);
      }
      throw error;
    } finally {
      clearTimeout(timer);
      this.#release();
    }
  }

  /** GitHub may bar who goes on asking. */
  #mustNotWait(): void {
    if (!this.#blocked) return;
    if (this.#blocked.until.getTime() > this.#now()) throw this.#blocked;
    this.#blocked = undefined;
  }

  async #take(): Promise<void> {
    if (this.#active < MOST_AT_ONCE) {
      this.#active += 1;
      return;
    }
    await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    // Whoever comes next takes over the place.
    if (next) next();
    else this.#active -= 1;
  }
}
