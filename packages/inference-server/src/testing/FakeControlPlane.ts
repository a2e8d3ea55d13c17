import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type {
  DataPlaneReport,
  RecordBatch,
  Snapshot,
} from '@greenroom/plugin-ai-inference-common';

export const CONTROL_PLANE_TOKEN = 'control-plane-token';

/**
 * The control plane's three routes over real HTTP, with switches for what can go wrong.
 */
export class FakeControlPlane {
  readonly reports: DataPlaneReport[] = [];
  /** Batches in the order of arrival, repeated ones too. */
  readonly batches: RecordBatch[] = [];
  /** Those that were answered with 200. */
  readonly taken: RecordBatch[] = [];
  readonly artifacts = new Map<string, Buffer>();
  snapshot: Snapshot | undefined;
  /** Called for each batch after it was taken; what it returns is the status. */
  onBatch: (batch: RecordBatch) => number = () => 200;
  artifactRequests = 0;
  /** Whether requests are accepted and not answered. */
  hangs = false;
  #hanging: (() => void)[] = [];
  unchangedAnswers = 0;
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the same port as before after a {@link FakeControlPlane.stop}. */
  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(error => {
        response.writeHead(500).end(String(error));
      });
    });
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
    const url = request.url ?? '';
    if (url.startsWith('/api/ai-inference/environments/')) {
      this.#answerSnapshot(await text(request), request, response);
    } else if (url.startsWith('/api/ai-registry/artifacts/')) {
      this.artifactRequests++;
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

  #answerSnapshot(
    body: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    this.reports.push(JSON.parse(body));
    const { snapshot } = this;
    if (!snapshot) {
      response.writeHead(404).end();
      return;
    }
    const tag = `"${snapshot.id}"`;
    if (request.headers['if-none-match'] === tag) {
      this.unchangedAnswers++;
      response.writeHead(304, { ETag: tag }).end();
    } else {
      response.writeHead(200, { ETag: tag }).end(JSON.stringify(snapshot));
    }
  }
}
