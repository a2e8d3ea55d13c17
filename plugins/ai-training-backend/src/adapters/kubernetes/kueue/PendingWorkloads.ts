import type { ClusterClient } from '@greenroom/cluster-client';
import type { QueuePlace } from './estimatePlaces';

const GROUP = 'visibility.kueue.x-k8s.io';
/** The newest that the cluster may serve first. */
const VERSIONS = ['v1beta2', 'v1beta1'];
const PAGE_SIZE = 1_000;
const MOST_PAGES = 10;
const READ_MILLIS = 5_000;
const ASK_AGAIN_MILLIS = 30_000;
/** Somebody may install it. */
const UNSERVED_MILLIS = 5 * 60_000;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const UNAVAILABLE = 503;
const NO_QUEUE = /localqueue.*not found/i;

/** As Kueue's visibility API has it; positions begin with 0. */
interface PendingWorkload {
  metadata?: { name?: string };
  positionInClusterQueue?: number;
  positionInLocalQueue?: number;
}

/**
 * Where Workloads wait, as Kueue itself says it: those of a LocalQueue, read now and then.
 *
 * States of what is known: nothing yet → read, and read anew each few seconds; or not to be had, and asked for again after
 * minutes.
 */
export class PendingWorkloads {
  readonly #client: Pick<ClusterClient, 'readPath'>;
  readonly #namespace: string;
  readonly #nowMillis: () => number;
  #places = new Map<string, QueuePlace>();
  #isKnown = false;
  #problem: string | undefined;
  #askMillis = -Infinity;
  #reading: Promise<void> | undefined;

  constructor(options: {
    client: Pick<ClusterClient, 'readPath'>;
    namespace: string;
    /** Never goes back. */
    nowMillis?: () => number;
  }) {
    this.#client = options.client;
    this.#namespace = options.namespace;
    this.#nowMillis = options.nowMillis ?? (() => performance.now());
  }

  /** Which right lacks, in a sentence; undefined where none does, as far as is known. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Undefined where Kueue does not say it. */
  placeOf(workload: string): QueuePlace | undefined {
    return this.#places.get(workload);
  }

  /** Whether Kueue says it: who is not among them, does not wait. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /**
   * Has it read anew, where it is time. Nobody waits for it: who answers for Kueue may take its time.
   *
   * @returns resolves when it was read
   */
  read(queues: ReadonlySet<string>): Promise<void> {
    const isDue = this.#nowMillis() >= this.#askMillis;
    if (isDue && queues.size > 0) {
      this.#reading ??= this.#readAll(queues).finally(() => {
        this.#reading = undefined;
      });
    }
    return this.#reading ?? Promise.resolve();
  }

  async #readAll(queues: ReadonlySet<string>): Promise<void> {
    const places = new Map<string, QueuePlace>();
    try {
      for (const queue of queues) {
        for (const one of await this.#readQueue(queue)) {
          const { metadata, positionInLocalQueue = 0 } = one;
          places.set(metadata?.name ?? '', {
            position: positionInLocalQueue + 1,
            before: one.positionInClusterQueue ?? 0,
          });
        }
      }
      this.#places = places;
      this.#isKnown = true;
      this.#problem = undefined;
      this.#askMillis = this.#nowMillis() + READ_MILLIS;
    } catch (error) {
      const { statusCode } = Object(error);
      this.#places = new Map();
      this.#isKnown = false;
      this.#problem =
        statusCode === FORBIDDEN
          ? `the places of jobs in Kueue's queues are estimates, since the portal may not read them: it lacks the right to get localqueues/pendingworkloads of ${GROUP} in the namespace ${
              this.#namespace
            }`
          : undefined;
      this.#askMillis =
        this.#nowMillis() +
        (statusCode === NOT_FOUND ? UNSERVED_MILLIS : ASK_AGAIN_MILLIS);
    }
  }

  async #readQueue(queue: string): Promise<PendingWorkload[]> {
    const all: PendingWorkload[] = [];
    for (let page = 0; page < MOST_PAGES; page++) {
      const items = await this.#readPage(queue, page * PAGE_SIZE);
      all.push(...items);
      if (items.length < PAGE_SIZE) break;
    }
    return all;
  }

  async #readPage(queue: string, offset: number): Promise<PendingWorkload[]> {
    for (const version of VERSIONS) {
      try {
        const answer = await this.#client.readPath(
          `/apis/${GROUP}/${version}/namespaces/${
            this.#namespace
          }/localqueues/${encodeURIComponent(queue)}/pendingworkloads`,
          { limit: String(PAGE_SIZE), offset: String(offset) },
        );
        const { items } = Object(answer);
        return Array.isArray(items) ? items : [];
      } catch (error) {
        const { statusCode, message } = Object(error);
        // A queue that is not there keeps nobody else from knowing.
        if (statusCode === NOT_FOUND && NO_QUEUE.test(message)) return [];
        const isLast = version === VERSIONS.at(-1);
        const isUnserved = [NOT_FOUND, UNAVAILABLE].includes(statusCode);
        if (isLast || !isUnserved) throw error;
      }
    }
    return [];
  }
}
