import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  CertificateFiles,
  type CertificatePaths,
  type Certificates,
} from '@greenroom/certificates';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ClusterClient } from '@greenroom/cluster-client';
import { ENVIRONMENT_LABEL } from '../objects';
import { AccessReviews } from './AccessReviews';
import {
  describeGroup,
  describeRefusal,
  describeResources,
  isMetric,
  listValues,
  type MeasuredEnvironment,
  METRICS,
  type MetricsQuery,
  parseQuery,
  parseSelector,
} from './externalMetrics';
import { type FrontProxy, isFrom, readFrontProxy, userOf } from './FrontProxy';

/** A cluster renews whom it passes requests on as about once in years. */
const LOOK_MILLIS = 60_000;

export interface MetricsServerOptions {
  listen: { port: number; host: string };
  identity: NonNullable<CertificatePaths['identity']>;
  clusters: readonly {
    /** For people. */
    name: string;
    client: Pick<ClusterClient, 'read' | 'create'>;
    /** What its autoscalers may be told of. */
    measure(query: EnvironmentQuery): Promise<MeasuredEnvironment[]>;
  }[];
  logger: LoggerService;
}

/** What is asked about: others need not be measured. */
export interface EnvironmentQuery {
  namespace: string;
  /** Undefined for all. */
  environment: string | undefined;
}

interface Cluster {
  name: string;
  client: Pick<ClusterClient, 'read' | 'create'>;
  reviews: AccessReviews;
  measure(query: EnvironmentQuery): Promise<MeasuredEnvironment[]>;
  /** Undefined before the cluster has said it. */
  proxy?: FrontProxy;
}

/**
 * The API `external.metrics.k8s.io` for the autoscalers of environments: how many requests are in flight, and wait.
 * A cluster's API server passes on what its autoscalers ask, with a certificate of its own; whether who asks may know is
 * for the cluster to say.
 */
export class MetricsServer {
  readonly #options: MetricsServerOptions;
  readonly #server = createServer({ requestCert: true });
  readonly #certificates: CertificateFiles;
  readonly #clusters: Cluster[];
  #timer: NodeJS.Timeout | undefined;
  #identity: Certificates['identity'];

  /** @throws CertificateError */
  constructor(options: MetricsServerOptions) {
    this.#options = options;
    const { identity, logger } = options;
    this.#certificates = new CertificateFiles({
      what: 'the metrics for autoscalers',
      paths: { identity },
      logger,
    });
    this.#clusters = options.clusters.map(cluster => ({
      ...cluster,
      reviews: new AccessReviews(cluster),
    }));
    this.#certificates.use(certificates => {
      this.#identity = certificates.identity;
      this.#trust();
    });
    this.#server.on('request', (request, response) => {
      this.#answer(request)
        .catch(error => {
          const { message } = toError(error);
          logger.warn(`An autoscaler was told nothing: ${message}`);
          return refuse(503, 'what is in flight cannot be told right now');
        })
        .then(answer => send(response, answer));
    });
  }

  /** @returns the port that is listened on */
  async start(): Promise<number> {
    await this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_MILLIS);
    this.#timer.unref();
    this.#server.listen(this.#options.listen);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#certificates.close();
    this.#server.closeAllConnections();
    await new Promise<void>(closed => {
      this.#server.close(() => closed());
    });
  }

  /** Asks each cluster as whom it passes requests on; one that does not answer keeps no other one waiting for good. */
  async #look(): Promise<void> {
    await Promise.all(
      this.#clusters.map(async cluster => {
        try {
          const said = await cluster.client.read({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: {
              name: 'extension-apiserver-authentication',
              namespace: 'kube-system',
            },
          });
          const proxy = readFrontProxy(Object(said).data);
          if (!proxy) throw new Error('its API server passes nothing on');
          cluster.proxy = proxy;
        } catch (error) {
          this.#options.logger.warn(
            `Autoscalers of the cluster ${cluster.name} cannot be answered: ${
              toError(error).message
            }`,
          );
        }
      }),
    );
    this.#trust();
  }

  #trust(): void {
    const authorities = this.#clusters.flatMap(
      ({ proxy }) => proxy?.authorities ?? [],
    );
    this.#server.setSecureContext({
      cert: this.#identity?.certificate,
      key: this.#identity?.privateKey,
      // Without any, whom Node trusts would be let in.
      ca: authorities.length > 0 ? authorities : this.#identity?.certificate,
    });
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const cluster = this.#clusters.find(
      ({ proxy }) => proxy && isFrom(proxy, request.socket as TLSSocket),
    );
    if (!cluster?.proxy) {
      return refuse(401, 'expected a request that an API server passes on');
    }
    const query = parseQuery(request.url ?? '');
    if (request.method !== 'GET' || !query) {
      return refuse(404, 'expected a metric of a namespace');
    }
    if (query.ask === 'group') return { code: 200, body: describeGroup() };
    if (query.ask === 'resources') {
      return { code: 200, body: describeResources() };
    }
    const user = userOf(cluster.proxy, request);
    if (!user || !(await cluster.reviews.mayRead(user, query))) {
      return refuse(
        403,
        `${user?.user ?? 'nobody'} may not get ${query.metric} of namespace ${
          query.namespace
        }`,
      );
    }
    return this.#tell(cluster, query);
  }

  async #tell(
    cluster: Cluster,
    { metric, namespace, selector }: Extract<MetricsQuery, { ask: 'values' }>,
  ): Promise<Answer> {
    if (!isMetric(metric)) {
      return refuse(
        404,
        `there is no metric ${metric}: expected one of ${Object.keys(
          METRICS,
        ).join(', ')}`,
      );
    }
    const selected = parseSelector(selector);
    if (!selected) {
      return refuse(
        400,
        `the selector '${selector}' is not understood: expected label=value, separated by commas`,
      );
    }
    const environments = await cluster.measure({
      namespace,
      environment: selected[ENVIRONMENT_LABEL],
    });
    return {
      code: 200,
      body: listValues(environments, { metric, namespace, selected }),
    };
  }
}

interface Answer {
  code: number;
  body: object;
}

function refuse(code: number, message: string): Answer {
  return { code, body: describeRefusal(code, message) };
}

function send(response: ServerResponse, { code, body }: Answer): void {
  response.writeHead(code, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
