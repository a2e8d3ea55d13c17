import { type ClusterClient, shorten } from '@greenroom/cluster-client';
import type { StartReason } from '@greenroom/plugin-ai-training-common';
import type { V1Job } from '@kubernetes/client-node';
import { isFinished, millisOf } from '../readStatus';
import type { TrainingPlace } from '../settings';
import { QUEUE_LABEL } from '../objects/labels';
import { describeWorkload, problemWith } from './describeWorkload';
import { estimatePlaces, type QueuePlace } from './estimatePlaces';
import { PendingWorkloads } from './PendingWorkloads';
import { type Workload, workloadCondition } from './Workload';

const LOOK_MILLIS = 3_000;
const LOOK_AT_NEWS_MILLIS = 1_000;
/** Of a Job: what is said of it comes soon, or not at all. */
const NEW_MILLIS = 10_000;
const LOOK_AT_RUNNING_MILLIS = 30_000;
/** Whose place is told at once: nobody counts the others, and all of them move when one starts. */
const NEAR = 50;
const FAR_MILLIS = 30_000;
const GROUP = 'kueue.x-k8s.io';
/** The newest that the cluster may serve first. */
const VERSIONS = ['v1beta2', 'v1beta1'];
const NOT_FOUND = 404;

/** What the cluster says when it cannot ask Kueue about what is made or changed. */
const UNASKED = /failed calling webhook "[mv](job|trainjob)\.kb\.io"/;
/** Who could not do it tries again, and is heard then. */
const UNASKED_MILLIS = 2 * 60_000;

type KueueReason = Extract<StartReason, { kind: 'kueue' }>;

/** What Kueue says of Jobs that wait for it. */
export class Kueue {
  readonly #client: Pick<ClusterClient, 'list' | 'nowMillis'>;
  readonly #place: TrainingPlace;
  readonly #pending: PendingWorkloads;
  /** By the uid of the Job that each is of. */
  #workloads = new Map<string, Workload>();
  #estimates = new Map<string, QueuePlace>();
  /** Places that were told, by uid of the Workload. */
  readonly #told = new Map<string, { place: QueuePlace; atMillis: number }>();
  #atMillis = -Infinity;
  #unread: string | undefined;
  #problem: string | undefined;
  #unasked: { problem: string; atMillis: number } | undefined;

  constructor(options: {
    client: Pick<ClusterClient, 'list' | 'nowMillis' | 'readPath'>;
    place: TrainingPlace;
  }) {
    const { client, place } = options;
    this.#client = client;
    this.#place = place;
    this.#pending = new PendingWorkloads({
      client,
      namespace: place.namespace,
    });
  }

  /** What is wrong with it, in a sentence; undefined while nothing is, as far as is known. */
  get problem(): string | undefined {
    const { problem, atMillis = -Infinity } = this.#unasked ?? {};
    const isNew = performance.now() - atMillis < UNASKED_MILLIS;
    return isNew ? problem : this.#problem;
  }

  /**
   * Hears how it went to make or change a Job: a cluster asks Kueue first.
   *
   * @param error - undefined where it went well
   */
  hear(error: unknown): void {
    const message = String(Object(error).message ?? '');
    this.#unasked = UNASKED.test(message)
      ? {
          problem: `Kueue does not answer, so that jobs can neither begin nor be stopped: see whether its manager runs (namespace kueue-system): ${shorten(
            message,
          )}`,
          atMillis: performance.now(),
        }
      : undefined;
  }

  /** Asks it again, where some Job waits for it. */
  async look(jobs: readonly V1Job[]): Promise<void> {
    const queued = jobs.filter(
      job => queueOf(job) !== undefined && !isFinished(job),
    );
    if (queued.length === 0) {
      this.#problem = undefined;
      return;
    }
    const waiting = queued.filter(({ spec }) => spec?.suspend);
    const sinceMillis = performance.now() - this.#atMillis;
    if (sinceMillis > this.#pauseMillis(waiting)) await this.#read();
    this.#pending
      .read(new Set(waiting.flatMap(job => queueOf(job) ?? [])))
      .catch(() => {});
    const problems = queued.flatMap(
      job => problemWith(job, this.#of(job), this.#client.nowMillis) ?? [],
    );
    this.#problem =
      this.#unread ??
      problems[0] ??
      (waiting.length > 0 ? this.#pending.problem : undefined);
  }

  /** Why a Job waits; undefined where it does not wait for Kueue. */
  describe(job: V1Job): KueueReason | undefined {
    const queue = queueOf(job);
    if (queue === undefined) return undefined;
    const workload = this.#of(job);
    const problem =
      this.#unread ??
      problemWith(job, workload, this.#client.nowMillis) ??
      undefined;
    const message =
      problem ?? describeWorkload(workload, this.#client.nowMillis);
    return {
      kind: 'kueue',
      queue,
      ...(problem === undefined && workload && this.#placeOf(workload)),
      ...(message !== undefined && { message }),
    };
  }

  /** Where it waits; undefined where it does not, or nobody knows. */
  #placeOf({ metadata }: Workload): QueuePlace | undefined {
    const { name = '', uid = '' } = metadata ?? {};
    const place = this.#pending.isKnown
      ? this.#pending.placeOf(name)
      : this.#estimates.get(uid);
    const told = this.#told.get(uid);
    if (!place) {
      this.#told.delete(uid);
      return undefined;
    }
    const nowMillis = performance.now();
    const isFar =
      told !== undefined &&
      Math.max(place.position, place.before ?? 0) > NEAR &&
      nowMillis - told.atMillis < FAR_MILLIS;
    if (isFar) return told.place;
    this.#told.set(uid, { place, atMillis: nowMillis });
    return place;
  }

  #pauseMillis(waiting: readonly V1Job[]): number {
    if (waiting.length === 0) return LOOK_AT_RUNNING_MILLIS;
    return waiting.some(job => this.#isOutdated(job))
      ? LOOK_AT_NEWS_MILLIS
      : LOOK_MILLIS;
  }

  /** Whether more is to be known of a Job that waits: it is new, or was let run when it was read last. */
  #isOutdated(job: V1Job): boolean {
    const workload = this.#of(job);
    if (workload?.status?.conditions?.length) {
      return workloadCondition(workload, 'Admitted') !== undefined;
    }
    const { nowMillis } = this.#client;
    return nowMillis - millisOf(job.metadata?.creationTimestamp) < NEW_MILLIS;
  }

  #of({ metadata }: V1Job): Workload | undefined {
    return this.#workloads.get(metadata?.uid ?? '');
  }

  #take(workloads: readonly Workload[]): void {
    this.#workloads = new Map(
      workloads.flatMap(workload =>
        (workload.metadata?.ownerReferences ?? []).map(
          ({ uid }) => [uid, workload] as const,
        ),
      ),
    );
    this.#estimates = estimatePlaces(workloads);
    const uids = new Set(workloads.map(({ metadata }) => metadata?.uid));
    for (const uid of this.#told.keys()) {
      if (!uids.has(uid)) this.#told.delete(uid);
    }
  }

  async #read(): Promise<void> {
    this.#atMillis = performance.now();
    for (const version of VERSIONS) {
      try {
        const { items } = await this.#client.list<Workload>({
          apiVersion: `${GROUP}/${version}`,
          kind: 'Workload',
          namespace: this.#place.namespace,
          selector: '',
        });
        this.#take(items);
        this.#unread = undefined;
        return;
      } catch (error) {
        const { statusCode, message } = Object(error);
        this.#unread =
          statusCode === NOT_FOUND
            ? 'Kueue is not installed in the cluster, and is to decide (aiTraining.kubernetes[].kueue)'
            : `what Kueue says cannot be read: ${message}`;
        if (statusCode !== NOT_FOUND) return;
      }
    }
  }
}

function queueOf({ metadata }: V1Job): string | undefined {
  return metadata?.labels?.[QUEUE_LABEL];
}
