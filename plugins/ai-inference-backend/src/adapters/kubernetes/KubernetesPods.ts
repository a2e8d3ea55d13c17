import {
  ConflictError,
  NotFoundError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import type {
  EnvironmentPods,
  PodLog,
} from '@greenroom/plugin-ai-inference-common';
import { modelServerObjectName } from '@greenroom/plugin-ai-registry-common';
import type { V1Pod } from '@kubernetes/client-node';
import { type ClusterClient, ClusterError } from '@greenroom/cluster-client';
import type { PodLogQuery, PodReader } from '../../deployers/Deployer';
import { keepNewestLines } from './keepNewestLines';
import { isServerPod } from './modelServer/WantedModelServer';
import { ENVIRONMENT_LABEL, nameOf } from './objects';
import { selectEvents } from './selectEvents';
import { containerOf, toDataPlanePod } from './toDataPlanePod';

const MOST_EVENTS = 50;
/** A namespace of many workloads has any number. */
const MOST_EVENTS_READ = 2_000;
/** Many pages that are open ask the cluster once. */
const EVENTS_MILLIS = 3_000;
const MOST_LOG_BYTES = 512 * 1024;
/** The cluster leaves out the newest beyond this: then it is refused. */
const MOST_READ_BYTES = 4 * 1024 * 1024;
const BAD_REQUEST = 400;
const NOT_FOUND = 404;

/** Where an environment's pods are. */
export interface PodPlace {
  client: ClusterClient;
  namespace: string;
  /** Names of the model servers that run beside the environment's data planes. */
  servers: readonly string[];
  /** Of all environments there; undefined before the first list. */
  readonly pods: V1Pod[] | undefined;
}

type Events = Pick<EnvironmentPods, 'events' | 'hasMoreEvents' | 'problem'>;

/** Shows the pods of environments, by what the cluster tells anyway, their events and their logs. */
export class KubernetesPods implements PodReader {
  readonly #placeOf: (environment: string) => PodPlace;
  readonly #events = new Map<
    string,
    { untilMillis: number; events: Promise<Events> }
  >();

  constructor(options: { placeOf(environment: string): PodPlace }) {
    this.#placeOf = options.placeOf;
  }

  async list(environment: string): Promise<EnvironmentPods> {
    const pods = this.#podsOf(environment);
    return {
      pods: [...pods]
        .sort((a, b) => bornMillis(a) - bornMillis(b))
        .map(toDataPlanePod),
      ...(await this.#eventsOf(environment)),
    };
  }

  async log(query: PodLogQuery): Promise<PodLog> {
    const { environment, pod: name, tailLines, previous } = query;
    const pod = this.#podsOf(environment).find(
      one => one.metadata?.name === name,
    );
    if (!pod) {
      throw new NotFoundError(
        `${environment} has no pod '${name}': it may be gone, and its log with it`,
      );
    }
    const { client, namespace } = this.#placeOf(environment);
    const text = await client
      .log({
        namespace,
        name,
        container: containerOf(pod)?.name,
        tailLines,
        limitBytes: MOST_READ_BYTES,
        previous,
      })
      .catch(error => {
        throw toLogError(error, name);
      });
    if (Buffer.byteLength(text) >= MOST_READ_BYTES) {
      throw new ConflictError(
        `the last ${tailLines} lines of pod ${name} are longer than ${
          MOST_READ_BYTES / 1024 / 1024
        } MiB: ask for fewer`,
      );
    }
    return { pod: name, ...keepNewestLines(text, MOST_LOG_BYTES) };
  }

  #podsOf(environment: string): V1Pod[] {
    const { pods } = this.#placeOf(environment);
    if (!pods) {
      throw new ServiceUnavailableError(
        `the cluster has not told yet which pods ${environment} has: it cannot be reached, or this portal may not ask; the line of the environment says which`,
      );
    }
    return pods.filter(
      pod =>
        pod.metadata?.labels?.[ENVIRONMENT_LABEL] === environment ||
        isServerPod(pod, { environment }),
    );
  }

  #eventsOf(environment: string): Promise<Events> {
    const nowMillis = performance.now();
    const known = this.#events.get(environment);
    if (known && nowMillis < known.untilMillis) return known.events;
    const events = this.#readEvents(environment);
    this.#events.set(environment, {
      untilMillis: nowMillis + EVENTS_MILLIS,
      events,
    });
    return events;
  }

  async #readEvents(environment: string): Promise<Events> {
    const { client, namespace, servers } = this.#placeOf(environment);
    try {
      const all = await client.events(namespace, { most: MOST_EVENTS_READ });
      const { events, hasMore } = selectEvents(all.items, {
        names: [
          nameOf(environment),
          ...servers.map(name => modelServerObjectName(environment, name)),
        ],
        most: MOST_EVENTS,
      });
      return { events, hasMoreEvents: hasMore || all.hasMore };
    } catch (error) {
      const { message } = toError(error);
      return { events: [], hasMoreEvents: false, problem: message };
    }
  }
}

function bornMillis({ metadata }: V1Pod): number {
  // What a watch tells is JSON, whose times are text.
  return new Date(metadata?.creationTimestamp ?? 0).getTime();
}

function toLogError(error: unknown, pod: string): Error {
  const { message } = toError(error);
  const statusCode =
    error instanceof ClusterError ? error.statusCode : undefined;
  if (statusCode === NOT_FOUND) {
    return new NotFoundError(`pod ${pod} is gone, and its log with it`);
  }
  if (statusCode === BAD_REQUEST) {
    return new ConflictError(`pod ${pod} has no such log: ${message}`);
  }
  return new ServiceUnavailableError(
    `the log of pod ${pod} cannot be read: ${message}`,
  );
}
