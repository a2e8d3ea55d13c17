import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type {
  AccessDocument,
  DataPlaneReport,
  DataPlaneReportReceipt,
  KeyGrant,
  RecordBatch,
  SentDataPlaneReport,
} from '@greenroom/plugin-ai-inference-common';
import type { WantedRoutes } from '../domain/WantedRoute';
import type { WholeSnapshot } from '../snapshot/parseDocuments';

/** How long a question for a change is held, however long it would wait. */
const LONGEST_WAIT_MILLIS = 100;

export const CONTROL_PLANE_TOKEN = 'control-plane-token';

/**
 * The control plane's routes for data planes over real HTTP, with switches for what can go wrong.
 */
export class FakeControlPlane {
  /** Reports with the models that each was about, whether it named them or not. */
  readonly reports: DataPlaneReport[] = [];
  /** Processes that said that they stop. */
  readonly farewells: string[] = [];
  /** Those that named models. */
  wholeReports = 0;
  /** Questions for keys, by what was answered. */
  readonly accessAnswers = { all: 0, changes: 0 };
  /** Batches in the order of arrival, repeated ones too. */
  readonly batches: RecordBatch[] = [];
  /** Those that were answered with 200. */
  readonly taken: RecordBatch[] = [];
  /** What it is reached with, over TLS: its certificate, and who may have signed those of data planes. */
  tls: { cert: string; key: string; ca: string } | undefined;
  readonly artifacts = new Map<string, Buffer>();
  snapshot: WholeSnapshot | undefined;
  /** Of the routes document, whose id is the snapshot's. */
  connections: WantedRoutes['connections'] = [];
  /** Called for each batch after it was taken; what it returns is the status. */
  onBatch: (batch: RecordBatch) => number = () => 200;
  /**
   * What data planes get that ask for prompts, or tell of those of a run; undefined for nothing. A
   * control plane without prompts has no such route.
   */
  prompts:
    | ((body: any, run: string | undefined) => object | undefined)
    | undefined;
  /** Answers what is asked about training jobs; a control plane without them has no such route. */
  training:
    | ((request: IncomingMessage, response: ServerResponse) => void)
    | undefined;
  artifactRequests = 0;
  /** Whether requests are accepted and not answered. */
  hangs = false;
  /** The same for artifacts alone. */
  holdsArtifacts = false;
  /** What reports are answered with, besides whether the data plane is known. */
  receipt: Omit<DataPlaneReportReceipt, 'known'> = {};
  /** Status of all answers, as of a control plane that has no database. */
  failsWith: number | undefined;
  /** Keys that were answered, by cursor. */
  readonly #told = new Map<string, KeyGrant[]>();
  #hanging: (() => void)[] = [];
  unchangedAnswers = 0;
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the same port as before after a {@link FakeControlPlane.stop}. */
  async start(): Promise<void> {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      this.#answer(request, response).catch(error => {
        response.writeHead(500).end(String(error));
      });
    };
    this.#server = this.tls
      ? createTlsServer({ ...this.tls, requestCert: true }, listener)
      : createServer(listener);
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise(resolve => {
      server.close(resolve);
    });
  }

  /** Answers what was accepted and not answered. */
  answerHanging(): void {
    this.hangs = false;
    for (const goOn of this.#hanging.splice(0)) goOn();
  }

  /** Stores bytes under their digest. */
  addArtifact(bytes: Buffer): string {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    this.artifacts.set(digest, bytes);
    return digest;
  }

  get latestReport(): DataPlaneReport | undefined {
    return this.reports.at(-1);
  }

  /** Each record once, as a receiver counts that remembers sequence numbers. */
  countRecords(): number {
    const seen = new Set<string>();
    let records = 0;
    for (const batch of this.batches) {
      const id = `${batch.producer}/${batch.sequence}`;
      if (seen.has(id)) continue;
      seen.add(id);
      for (const group of batch.groups) records += group.at.length;
    }
    return records;
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.headers.authorization !== `Bearer ${CONTROL_PLANE_TOKEN}`) {
      response.writeHead(401).end();
      return;
    }
    if (this.hangs) {
      await new Promise<void>(resolve => {
        this.#hanging.push(resolve);
      });
    }
    if (this.failsWith !== undefined) {
      response.writeHead(this.failsWith, { 'Retry-After': '2' }).end();
      return;
    }
    const url = request.url ?? '';
    const { pathname, searchParams } = new URL(url, this.url);
    if (pathname.startsWith('/api/ai-inference/environments/')) {
      const kind = pathname.split('/').at(-1);
      if (kind === 'reports') this.#takeReport(await text(request), response);
      else if (kind === 'access') {
        const since = searchParams.get('since') ?? undefined;
        await this.#sendChange(response, () => this.#access(since));
      } else {
        const known = request.headers['if-none-match'];
        await this.#sendChange(response, () => this.#routes(known));
      }
    } else if (pathname.startsWith('/api/ai-registry/environments/')) {
      const [run] = pathname.split('/evaluation-work/').slice(1);
      const reply = this.prompts?.(JSON.parse(await text(request)), run);
      if (!this.prompts) response.writeHead(404).end();
      else if (reply === undefined) {
        await setTimeout(LONGEST_WAIT_MILLIS);
        response.writeHead(204).end();
      } else response.writeHead(200).end(JSON.stringify(reply));
    } else if (pathname.startsWith('/api/ai-training/edge/')) {
      if (this.training) this.training(request, response);
      else response.writeHead(404).end();
    } else if (url.startsWith('/api/ai-registry/artifacts/')) {
      this.artifactRequests++;
      if (this.holdsArtifacts) {
        await new Promise<void>(resolve => {
          this.#hanging.push(resolve);
        });
      }
      const digest = decodeURIComponent(url.split('/').at(-1) ?? '');
      const bytes = this.artifacts.get(digest);
      if (bytes) response.writeHead(200).end(bytes);
      else response.writeHead(404).end();
    } else if (url === '/api/ai-monitoring/records') {
      const batch: RecordBatch = JSON.parse(await text(request));
      this.batches.push(batch);
      const status = this.onBatch(batch);
      if (status === 200) this.taken.push(batch);
      if (status === 0) request.socket.destroy();
      else response.writeHead(status).end('{"accepted":0,"duplicate":false}');
    } else {
      response.writeHead(404).end();
    }
  }

  #takeReport(body: string, response: ServerResponse): void {
    const { models, stopping, ...rest }: SentDataPlaneReport = JSON.parse(body);
    if (stopping) {
      this.farewells.push(rest.producer);
      response.writeHead(200).end('{"known":true}');
      return;
    }
    if (models) this.wholeReports++;
    const before = this.reports.findLast(
      ({ producer }) => producer === rest.producer,
    );
    const known = models !== undefined || before !== undefined;
    if (known) {
      this.reports.push({ ...rest, models: models ?? before?.models ?? [] });
    }
    response.writeHead(200);
    response.end(JSON.stringify({ known, ...this.receipt }));
  }

  /** Waits a little for a change, as the real one waits for long. */
  async #sendChange(
    response: ServerResponse,
    find: () => { tag: string; document: unknown } | undefined,
  ): Promise<void> {
    const endMillis = Date.now() + LONGEST_WAIT_MILLIS;
    let found = this.snapshot && find();
    while (this.snapshot && !found && Date.now() < endMillis) {
      await setTimeout(10);
      found = find();
    }
    if (!this.snapshot) {
      response.writeHead(404).end();
    } else if (!found) {
      this.unchangedAnswers++;
      response.writeHead(304).end();
    } else {
      response.writeHead(200, { ETag: `"${found.tag}"` });
      response.end(JSON.stringify(found.document));
    }
  }

  #routes(known: string | undefined) {
    if (!this.snapshot) return undefined;
    const { id, createdAt, environment, models } = this.snapshot;
    if (known === `"${id}"`) return undefined;
    const document: WantedRoutes = {
      formatVersion: 2,
      id,
      createdAt,
      environment,
      models,
      connections: this.connections,
    };
    return { tag: id, document };
  }

  #access(since: string | undefined) {
    if (!this.snapshot) return undefined;
    const { environment, keys } = this.snapshot;
    const cursor = createHash('sha256')
      .update(JSON.stringify(keys))
      .digest('hex');
    if (since === cursor) return undefined;
    this.#told.set(cursor, keys);
    const before = since === undefined ? undefined : this.#told.get(since);
    const content = before ? 'changes' : 'all';
    this.accessAnswers[content]++;
    const known = new Map(before?.map(key => [key.id, JSON.stringify(key)]));
    const ids = new Set(keys.map(({ id }) => id));
    const document: AccessDocument = {
      formatVersion: 2,
      environment,
      cursor,
      content,
      keys: keys.filter(key => known.get(key.id) !== JSON.stringify(key)),
      revoked: [...known.keys()].filter(id => !ids.has(id)),
    };
    return { tag: cursor, document };
  }
}
