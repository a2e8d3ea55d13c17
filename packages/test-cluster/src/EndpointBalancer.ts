import { DiscoveryV1Api, type KubeConfig } from '@kubernetes/client-node';
import { createServer, request, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { reach } from './reach';

const LOOK_AGAIN_MILLIS = 200;

/**
 * Sends requests to the pods of a Service that are ready, in turns, as the network of a cluster
 * does: by its EndpointSlices, which it hears of a moment later.
 */
export class EndpointBalancer {
  readonly #discovery: DiscoveryV1Api;
  readonly #namespace: string;
  readonly #service: string;
  readonly #server: Server;
  #endpoints: { host: string; port: number }[] = [];
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  static async start(options: {
    config: KubeConfig;
    namespace: string;
    service: string;
  }): Promise<EndpointBalancer> {
    const balancer = new EndpointBalancer(options);
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    balancer.#look();
    return balancer;
  }

  private constructor(options: {
    config: KubeConfig;
    namespace: string;
    service: string;
  }) {
    this.#discovery = options.config.makeApiClient(DiscoveryV1Api);
    this.#namespace = options.namespace;
    this.#service = options.service;
    this.#server = createServer((req, res) => {
      this.#next += 1;
      const count = this.#endpoints.length;
      if (count === 0) {
        res.writeHead(502).end('no pod is ready');
        return;
      }
      const onward = request(
        {
          ...this.#endpoints[this.#next % count],
          path: req.url,
          method: req.method,
          headers: req.headers,
          // A connection that was kept may be to a pod that has gone.
          agent: false,
        },
        answer => {
          res.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(res);
        },
      );
      onward.on('error', error => {
        if (!res.headersSent) res.writeHead(502);
        res.end(String(error));
      });
      req.pipe(onward);
    });
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
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

  #look(): void {
    this.#read()
      .catch(() => {})
      .finally(() => {
        if (this.#isStopped) return;
        this.#timer = setTimeout(() => this.#look(), LOOK_AGAIN_MILLIS);
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
        .map(address => ({ host: reach(address), port: ports[0]?.port ?? 80 })),
    );
  }
}
