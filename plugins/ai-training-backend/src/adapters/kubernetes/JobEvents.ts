import type { ClusterClient } from '@greenroom/cluster-client';
import type { CoreV1Event } from '@kubernetes/client-node';
import type { SeenAttempt } from './SeenAttempt';

const READ_MILLIS = 15_000;
const MOST_EVENTS = 2_000;
/** What stands for an attempt, and what is made of a TrainJob before there are pods. */
const KINDS = ['Job', 'TrainJob', 'JobSet'];

/** What the cluster says of Jobs that have no pods. */
export class JobEvents {
  readonly #client: Pick<ClusterClient, 'events'>;
  readonly #namespace: string;
  #atMillis = -Infinity;
  #items: CoreV1Event[] = [];

  constructor(options: {
    client: Pick<ClusterClient, 'events'>;
    namespace: string;
  }) {
    this.#client = options.client;
    this.#namespace = options.namespace;
  }

  /** @param name - of an attempt: a TrainJob's Job begins with it */
  of(name: string): CoreV1Event[] {
    return this.#items.filter(
      ({ involvedObject }) =>
        involvedObject.name === name ||
        involvedObject.name?.startsWith(`${name}-`),
    );
  }

  /** Only where some Job has no pod, which is what events alone explain. */
  async read(all: readonly SeenAttempt[]): Promise<void> {
    const isAsked = all.some(
      ({ object, pods, observed }) =>
        object && pods.length === 0 && observed.state.phase === 'starting',
    );
    if (!isAsked || performance.now() - this.#atMillis < READ_MILLIS) return;
    this.#atMillis = performance.now();
    try {
      const { items } = await this.#client.events(this.#namespace, {
        most: MOST_EVENTS,
      });
      this.#atMillis = performance.now();
      this.#items = items.filter(one =>
        KINDS.includes(one.involvedObject.kind ?? ''),
      );
    } catch {
      // Without the right to read them, less is told.
    }
  }
}
