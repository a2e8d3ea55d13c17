import { TestAuthority } from '@greenroom/certificates/testing';
import {
  ApiregistrationV1Api,
  CoreV1Api,
  type KubeConfig,
} from '@kubernetes/client-node';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What is answered: a status and what becomes JSON. */
export interface ApiAnswer {
  status: number;
  body: object;
}

/**
 * An API that a cluster does not serve by itself: its API server asks a server of this machine, as it asks those that
 * controllers bring.
 */
export class ServedApi {
  readonly #config: KubeConfig;
  readonly #name: string;
  readonly #server: Server;

  /**
   * @param options.answer - `path` is as the API server was asked, such as /apis/example.com/v1/namespaces/a/things/b
   */
  static async start(options: {
    config: KubeConfig;
    group: string;
    version: string;
    answer(path: string, query: URLSearchParams): ApiAnswer;
  }): Promise<ServedApi> {
    const { group, version } = options;
    const authority = await TestAuthority.create(`${group}-ca`);
    const { certificate, privateKey } = await authority.issue('localhost');
    const server = createServer(
      { cert: certificate, key: privateKey },
      (req, res) => {
        const { pathname, searchParams } = new URL(req.url ?? '/', 'https://a');
        const isRoot = pathname === `/apis/${group}/${version}`;
        const { status, body } = isRoot
          ? resources(group, version)
          : options.answer(pathname, searchParams);
        res.writeHead(status, { 'content-type': 'application/json' });
        res.end(JSON.stringify(body));
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const api = new ServedApi(options.config, `${version}.${group}`, server);
    await api.#register(options);
    return api;
  }

  private constructor(config: KubeConfig, name: string, server: Server) {
    this.#config = config;
    this.#name = name;
    this.#server = server;
  }

  /** The cluster does not know of it any more. */
  async stop(): Promise<void> {
    await this.#config
      .makeApiClient(ApiregistrationV1Api)
      .deleteAPIService({ name: this.#name });
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #register({ group, version }: { group: string; version: string }) {
    const name = this.#name.replaceAll('.', '-');
    await this.#config.makeApiClient(CoreV1Api).createNamespacedService({
      namespace: 'default',
      body: {
        metadata: { name },
        // In a cluster it selects pods.
        spec: { type: 'ExternalName', externalName: 'localhost' },
      },
    });
    await this.#config.makeApiClient(ApiregistrationV1Api).createAPIService({
      body: {
        metadata: { name: this.#name },
        spec: {
          group,
          version,
          groupPriorityMinimum: 100,
          versionPriority: 100,
          insecureSkipTLSVerify: true,
          service: {
            namespace: 'default',
            name,
            port: (this.#server.address() as AddressInfo).port,
          },
        },
      },
    });
  }
}

function resources(group: string, version: string): ApiAnswer {
  return {
    status: 200,
    body: {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: `${group}/${version}`,
      resources: [],
    },
  };
}
