import { randomBytes } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { authenticate } from './authenticate';
import { Repository } from './git/Repository';
import { serveGit } from './git/serveGit';
import { Refusal } from './http/answers';
import { ApiDescription } from './http/ApiDescription';
import { ApiServer } from './http/ApiServer';
import { Faults } from './http/Faults';
import { People } from './People';
import { type Places, createBot } from './present/accounts';
import { PullRequests } from './PullRequests';
import { accountRoutes } from './routes/accountRoutes';
import { activityRoutes } from './routes/activityRoutes';
import { checkRoutes } from './routes/checkRoutes';
import { deploymentRoutes } from './routes/deploymentRoutes';
import { pullRoutes } from './routes/pullRoutes';
import { rulesetRoutes } from './routes/rulesetRoutes';
import { now, type Permissions, type State } from './state';
import { Webhooks } from './Webhooks';

const API_PATH = '/api/v3';
const HOUR_MILLIS = 3_600_000;

export const APP_PERMISSIONS: Permissions = {
  administration: 'write',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
};

export interface StandInOptions {
  /** Empty folder for the repository. */
  directory: string;
  /** GitHub's OpenAPI document; without it nothing is held against it. */
  description: string | undefined;
  /** PEM of the public half of the App's key. */
  appPublicKey: string;
  owner?: string;
  repository?: string;
  /** 0 takes a free one. */
  port?: number;
  /** How long installation tokens are good for. */
  installationTokenMillis?: number;
}

/** A GitHub with one repository and one App, on this machine. */
export class GitHubStandIn {
  /** As GitHub Enterprise names its parts. */
  readonly places: Places;
  readonly state: State;
  readonly git: Repository;
  readonly pulls: PullRequests;
  readonly webhooks: Webhooks;
  readonly faults: Faults;
  readonly people: People;
  readonly api: ApiServer;
  /** Push and fetch fail while it is set, as when GitHub is down. */
  isDown = false;
  readonly #server: Server;
  /** One push at a time is looked at. */
  #pushing: Promise<unknown> = Promise.resolve();

  static async start(options: StandInOptions): Promise<GitHubStandIn> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    const standIn = new GitHubStandIn(server, options);
    await standIn.git.create();
    return standIn;
  }

  private constructor(server: Server, options: StandInOptions) {
    const { port } = server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}`;
    this.places = { html: base, api: `${base}${API_PATH}` };
    this.state = createState(options);
    this.git = new Repository(
      path.join(options.directory, `${this.state.repository}.git`),
    );
    this.webhooks = new Webhooks();
    this.faults = new Faults();
    this.pulls = new PullRequests(this);
    this.people = new People(this);
    this.api = new ApiServer({
      world: {
        state: this.state,
        git: this.git,
        pulls: this.pulls,
        webhooks: this.webhooks,
        places: this.places,
        settings: {
          installationTokenMillis:
            options.installationTokenMillis ?? HOUR_MILLIS,
        },
      },
      routes: [
        ...accountRoutes,
        ...pullRoutes,
        ...checkRoutes,
        ...deploymentRoutes,
        ...rulesetRoutes,
        ...activityRoutes,
      ],
      faults: this.faults,
      description: options.description
        ? ApiDescription.read(options.description)
        : undefined,
    });
    this.#server = server;
    server.on('request', (request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Page of the repository; with `.git`, where it is cloned from. */
  get repositoryUrl(): string {
    return `${this.places.html}/${this.state.owner}/${this.state.repository}`;
  }

  /** Where a person clones from: the address has a token of theirs in it. */
  cloneUrlOf(login: string): string {
    const url = new URL(`${this.repositoryUrl}.git`);
    url.username = login;
    url.password = this.people.tokenOf(login);
    return url.toString();
  }

  /** Ends all tokens of the App's installation, as GitHub may at any time. */
  revokeInstallationTokens(): void {
    this.state.installationTokens.clear();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
    await this.webhooks.settled();
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url ?? '/', this.places.html);
    if (this.isDown) {
      response.writeHead(503).end();
      return;
    }
    if (url.pathname === '/api/graphql') {
      const { searchParams: query } = url;
      await this.api.serve(request, response, { path: '/graphql', query });
      return;
    }
    if (url.pathname.startsWith(`${API_PATH}/`)) {
      await this.api.serve(request, response, {
        path: url.pathname.slice(API_PATH.length),
        query: url.searchParams,
      });
      return;
    }
    const git = `/${this.state.owner}/${this.state.repository}.git`;
    if (url.pathname.startsWith(`${git}/`)) {
      await this.#serveGit(request, response, {
        pathInfo: url.pathname.slice(git.length),
        query: url.search.slice(1),
      });
      return;
    }
    response.writeHead(404).end();
  }

  async #serveGit(
    request: IncomingMessage,
    response: ServerResponse,
    { pathInfo, query }: { pathInfo: string; query: string },
  ): Promise<void> {
    let user: string;
    try {
      const caller = authenticate(this.state, request.headers.authorization);
      if (caller.kind === 'app') throw new Refusal(401, 'Bad credentials');
      user = caller.login;
    } catch {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' });
      response.end();
      return;
    }
    const { directory } = this.git;
    const options = { directory, pathInfo, query, user };
    if (!pathInfo.endsWith('/git-receive-pack')) {
      await serveGit(request, response, options);
      response.end();
      return;
    }
    const pushed = this.#pushing.then(async () => {
      const before = await this.git.refs();
      await serveGit(request, response, options);
      await this.pulls.afterPush(before, user);
    });
    this.#pushing = pushed.catch(() => {});
    // Whoever pushed sees what it has done to pull requests.
    await pushed;
    response.end();
  }
}

function createState(options: StandInOptions): State {
  const owner = options.owner ?? 'acme';
  const clockOffsetMillis = 0;
  const createdAt = now({ clockOffsetMillis });
  const app = {
    id: 4711,
    slug: 'greenroom-test',
    publicKey: options.appPublicKey,
    installationId: 815,
    permissions: { ...APP_PERMISSIONS },
    createdAt,
  };
  const bot = createBot(app, 2);
  return {
    owner,
    repository: options.repository ?? 'environments',
    repositoryId: 99,
    createdAt,
    app,
    accounts: new Map([
      [
        owner,
        {
          id: 1,
          login: owner,
          type: 'Organization',
          email: `${owner}@example.com`,
        },
      ],
      [bot.login, bot],
    ]),
    personalTokens: new Map([
      [`ghp_${randomBytes(18).toString('hex')}`, owner],
    ]),
    installationTokens: new Map(),
    pulls: new Map(),
    checkRuns: [],
    statuses: [],
    deployments: [],
    activities: [],
    rulesets: [],
    queue: [],
    nextId: 1_000,
    nextNumber: 0,
    clockOffsetMillis,
  };
}
