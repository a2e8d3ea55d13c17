import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { WholeSnapshot } from '../snapshot/parseDocuments';
import { readConfig } from '../config';
import { createServer, type InferenceServer } from '../createServer';
import { createLogger } from '../logger';
import { waitForDelay, type FlushRule } from '../runners/decideFlush';
import type { ProviderKind } from '../providers/Provider';
import { CONTROL_PLANE_TOKEN, FakeControlPlane } from './FakeControlPlane';
import { answerChecks, type AnswerCheck } from './answerChecks';
import { fixtureBytes, SIGNATURES, type FixtureName } from './fixtures';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  /** The body as JSON. */
  json: any;
}

/** A data plane with its control plane, both on real sockets, and a folder of their own. */
export class TestServer {
  readonly controlPlane = new FakeControlPlane();
  readonly logs: string[] = [];
  #agent = new Agent();
  #directory = '';
  #server: InferenceServer | undefined;
  #checks: AnswerCheck[] = [];
  url = '';
  adminUrl = '';
  /** Undefined where it is off. */
  grpcAddress: string | undefined;

  static async create(
    snapshot?: WholeSnapshot,
    tls?: FakeControlPlane['tls'],
  ): Promise<TestServer> {
    const test = new TestServer();
    test.controlPlane.tls = tls;
    test.#checks = answerChecks.map(load => load());
    test.#directory = await mkdtemp(join(tmpdir(), 'inference-server-'));
    for (const name of Object.keys(SIGNATURES)) {
      test.controlPlane.addArtifact(fixtureBytes(name as FixtureName));
    }
    test.controlPlane.snapshot = snapshot;
    await test.controlPlane.start();
    return test;
  }

  get dataDirectory(): string {
    return this.#directory;
  }

  /** Folder of what the data plane keeps for its environment. */
  get environmentDirectory(): string {
    return join(this.#directory, 'production');
  }

  async start(
    environment: Record<string, string> = {},
    options: {
      kinds?: readonly ProviderKind[];
      localModelProgram?: string;
      modelWorkerProgram?: string;
      flushRule?: FlushRule;
    } = {},
  ): Promise<void> {
    this.#server = createServer({
      // A route's delay holds requests for as long as it says.
      flushRule: waitForDelay,
      ...options,
      config: readConfig({
        GREENROOM_CONTROL_PLANE_URL: this.controlPlane.url,
        GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
        GREENROOM_DATA_DIR: this.#directory,
        GREENROOM_PORT: '0',
        GREENROOM_ADMIN_PORT: '0',
        GREENROOM_SNAPSHOT_POLL_MILLIS: '50',
        GREENROOM_RECORDS_INTERVAL_MILLIS: '50',
        GREENROOM_LAME_DUCK_SECONDS: '0',
        ...environment,
      }),
      logger: createLogger({
        level: 'debug',
        write: line => this.logs.push(line),
      }),
    });
    ({
      url: this.url,
      adminUrl: this.adminUrl,
      grpcAddress: this.grpcAddress,
    } = await this.#server.start());
  }

  /** Stops the data plane; it can be started again on the same folder. */
  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.controlPlane.stop();
    await this.#agent.destroy();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** From now on this client shows and trusts these certificates. */
  async connectWith(tls: {
    ca: string;
    cert?: string;
    key?: string;
  }): Promise<void> {
    await this.#agent.close();
    this.#agent = new Agent({ connect: tls });
  }

  /** Ends the connections of this client, which it keeps for its next requests. */
  async closeConnections(): Promise<void> {
    await this.#agent.close();
    this.#agent = new Agent();
  }

  async send(
    path: string,
    options: {
      method?: 'GET' | 'POST' | 'HEAD' | 'PUT';
      headers?: Record<string, string>;
      body?: string | Buffer;
      key?: string;
      signal?: AbortSignal;
      /** Another one than that for callers. */
      url?: string;
    } = {},
  ): Promise<Answer> {
    const { method = 'GET', headers = {}, body, key, signal } = options;
    const response = await request(`${options.url ?? this.url}${path}`, {
      method,
      headers: { ...headers, ...(key && { authorization: `Bearer ${key}` }) },
      body,
      signal,
      dispatcher: this.#agent,
    });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    const isJson = response.headers['content-type'] === 'application/json';
    if (response.headers['content-encoding'] === undefined) {
      const { statusCode: status } = response;
      const answer = { ...response, method, path, status, body: bytes };
      for (const check of this.#checks) check(answer);
    }
    return {
      status: response.statusCode,
      headers: response.headers,
      body: bytes,
      json: isJson && bytes.length > 0 ? JSON.parse(String(bytes)) : undefined,
    };
  }

  /** The metrics page. */
  async metrics(): Promise<string> {
    return String((await this.send('/metrics', { url: this.adminUrl })).body);
  }

  infer(
    model: string,
    body: unknown,
    options: {
      key?: string;
      version?: number | string;
      headers?: Record<string, string>;
      signal?: AbortSignal;
    } = {},
  ): Promise<Answer> {
    const { version, key = 'gr_all', headers, signal } = options;
    const suffix = version === undefined ? '' : `/versions/${version}`;
    return this.send(`/v2/models/${model}${suffix}/infer`, {
      method: 'POST',
      key,
      headers,
      signal,
      body:
        typeof body === 'string' || Buffer.isBuffer(body)
          ? body
          : JSON.stringify(body),
    });
  }
}
