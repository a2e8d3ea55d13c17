import { DiscoveryV1Api, type KubeConfig } from '@kubernetes/client-node';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { reach } from './reach';

const LOOK_AGAIN_MILLIS = 200;

interface Endpoint {
  host: string;
  port: number;
}

/**
 * Sends requests to the pods of a Service that are ready, in turns, as the network of a cluster
 * does: by its EndpointSlices, which it hears of a moment later.
 *
 * Answers 502 where a pod took a request and gave no answer, and 503 where none took it.
 */
export class EndpointBalancer {
  readonly #discovery: DiscoveryV1Api;
  readonly #namespace: string;
  readonly #service: string;
  readonly #portName: string | undefined;
  readonly #server: Server;
  /** How much later it hears of a pod: never before it is so, and often seconds after. */
  delayMillis = LOOK_AGAIN_MILLIS;
  /** Whether it asks the next pod where one does not take the connection, as gateways do. */
  asksNextPod = false;
  #endpoints: Endpoint[] = [];
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  static async start(options: {
    config: KubeConfig;
    namespace: string;
    service: string;
    /** Name of the Service's port; its first one when left out. */
    portName?: string;
    /** Where it listens; any free port of 127.0.0.1 when left out. */
    at?: { host: string; port: number };
  }): Promise<EndpointBalancer> {
    const { host, port } = options.at ?? { host: '127.0.0.1', port: 0 };
    const balancer = new EndpointBalancer(options);
    balancer.#server.listen(port, host);
    await once(balancer.#server, 'listening');
    balancer.#look();
    return balancer;
  }

  private constructor(options: {
    config: KubeConfig;
    namespace: string;
    service: string;
    portName?: string;
  }) {
    this.#portName = options.portName;
    this.#discovery = options.config.makeApiClient(DiscoveryV1Api);
    this.#namespace = options.namespace;
    this.#service = options.service;
    this.#server = createServer((req, res) => {
      this.#forward(req, res).catch(error => {
        if (!res.headersSent) res.writeHead(wasSent(error) ? 502 : 503);
        res.end(String(error));
      });
    });
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  /** How many pods requests are sent to. */
  get size(): number {
    return this.#endpoints.length;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  async #forward(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req);
    const asked = this.#endpoints;
    const first = this.#next;
    this.#next += 1;
    for (let attempt = 0; attempt < asked.length; attempt++) {
      try {
        await send(asked[(first + attempt) % asked.length], { req, body, res });
        return;
      } catch (error) {
        // Nothing was sent: another one may be asked.
        const mayAskNext = this.asksNextPod && attempt + 1 < asked.length;
        if (!mayAskNext || wasSent(error)) throw error;
      }
    }
    res.writeHead(503).end('no pod is ready');
  }

  #look(): void {
    this.#read()
      .catch(() => {})
      .finally(() => {
        if (this.#isStopped) return;
        this.#timer = setTimeout(() => this.#look(), this.delayMillis);
        this.#timer.unref();
      });
  }

  async #read(): Promise<void> {
    const { items } = await this.#discovery.listNamespacedEndpointSlice({
      namespace: this.#namespace,
      labelSelector: `kubernetes.io/service-name=${this.#service}`,
    });
    this.#endpoints = items.flatMap(({ endpoints = [], ports = [] }) =>
      endpoints
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses }) => addresses)
        .map(address => ({
          host: reach(address),
          port: this.#portOf(ports)?.port ?? 80,
        })),
    );
  }

  #portOf<T extends { name?: string }>(ports: T[]): T | undefined {
    return this.#portName === undefined
      ? ports[0]
      : ports.find(({ name }) => name === this.#portName);
  }
}

function wasSent(error: unknown): boolean {
  return Object(error).code !== 'ECONNREFUSED';
}

async function send(
  endpoint: Endpoint,
  {
    req,
    body,
    res,
  }: { req: IncomingMessage; body: Buffer; res: ServerResponse },
): Promise<void> {
  const { url: path, method, headers } = req;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(
      // A connection that was kept may be to a pod that has gone.
      { ...endpoint, path, method, headers, agent: false },
      resolve,
    )
      .once('error', reject)
      .end(body);
  });
  res.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, res);
}
