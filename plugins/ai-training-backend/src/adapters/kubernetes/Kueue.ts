import { type ClusterClient, shorten } from '@greenroom/cluster-client';
import type { KubernetesObject, V1Job } from '@kubernetes/client-node';
import { isFinished } from './describeAttempt';
import type { TrainingPlace } from './settings';
import { QUEUE_LABEL } from './trainingObjects';

const LOOK_MILLIS = 3_000;
const LOOK_AT_RUNNING_MILLIS = 30_000;
const MINUTE_MILLIS = 60_000;
/** A manager that runs looks at what is new within moments. */
const PATIENCE_MILLIS = MINUTE_MILLIS;
const GROUP = 'kueue.x-k8s.io';
/** The newest that the cluster may serve first. */
const VERSIONS = ['v1beta2', 'v1beta1'];
const NOT_FOUND = 404;

/** What Kueue makes of each Job, as far as it is read. */
export interface Workload extends KubernetesObject {
  status?: {
    conditions?: {
      type: string;
      status: string;
      reason?: string;
      message?: string;
    }[];
  };
}

/** What Kueue says of Jobs that wait for it. */
export class Kueue {
  readonly #client: Pick<ClusterClient, 'list' | 'nowMillis'>;
  readonly #place: TrainingPlace;
  #workloads: Workload[] = [];
  #atMillis = -Infinity;
  #unread: string | undefined;
  #problem: string | undefined;

  constructor(options: {
    client: Pick<ClusterClient, 'list' | 'nowMillis'>;
    place: TrainingPlace;
  }) {
    this.#client = options.client;
    this.#place = options.place;
  }

  /** What is wrong with it, in a sentence; undefined while nothing is, as far as is known. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Asks it again, where some Job waits for it. */
  async look(jobs: readonly V1Job[]): Promise<void> {
    const queued = jobs.filter(
      job => queueOf(job.metadata?.labels) !== undefined && !isFinished(job),
    );
    if (queued.length === 0) return;
    const isAnyWaiting = queued.some(({ spec }) => spec?.suspend);
    const pauseMillis = isAnyWaiting ? LOOK_MILLIS : LOOK_AT_RUNNING_MILLIS;
    if (performance.now() - this.#atMillis > pauseMillis) await this.#read();
    this.#problem =
      this.#unread ??
      queued
        .flatMap(
          job => problemWith(job, this.#of(job), this.#client.nowMillis) ?? [],
        )
        .at(0);
  }

  /** Why a Job waits; undefined where it does not wait for Kueue. */
  describe(job: V1Job): string | undefined {
    const queue = queueOf(job.metadata?.labels);
    if (queue === undefined) return undefined;
    return (
      this.#unread ??
      problemWith(job, this.#of(job), this.#client.nowMillis) ??
      describeWorkload(queue, this.#of(job))
    );
  }

  #of({ metadata }: V1Job): Workload | undefined {
    return this.#workloads.find(workload =>
      workload.metadata?.ownerReferences?.some(
        ({ uid }) => uid === metadata?.uid,
      ),
    );
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
        this.#workloads = items;
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

/** @param workload - undefined where Kueue has made none */
export function describeWorkload(
  queue: string,
  workload: Workload | undefined,
): string {
  const conditions = workload?.status?.conditions ?? [];
  const find = (type: string, status: string) =>
    conditions.find(one => one.type === type && one.status === status);
  const who = `Kueue's queue ${queue}`;
  if (find('Admitted', 'True')) return `${who} lets it start now`;
  const evicted = find('Evicted', 'True');
  const reserved = find('QuotaReserved', 'False');
  if (find('QuotaReserved', 'True')) {
    return `${who} has a place for it, and waits for other checks`;
  }
  const words = reserved?.message ?? evicted?.message;
  return words ? `${who}: ${shorten(words)}` : `it waits in ${who}`;
}

/** Whether Kueue does what it is there for, as far as a Job shows it; undefined while it does. */
export function problemWith(
  job: V1Job,
  workload: Workload | undefined,
  nowMillis: number,
): string | undefined {
  const { name, creationTimestamp } = job.metadata ?? {};
  const ageMillis =
    nowMillis - new Date(creationTimestamp ?? nowMillis).getTime();
  const conditions = workload?.status?.conditions ?? [];
  const isUnseen = conditions.length === 0;
  if (job.spec?.suspend && isUnseen && ageMillis > PATIENCE_MILLIS) {
    const minutes = Math.floor(ageMillis / MINUTE_MILLIS);
    return `Kueue has not looked at Job ${name} for ${minutes} minutes: see whether its manager runs (namespace kueue-system), and whether its LocalQueue is there`;
  }
  const startedMillis = new Date(job.status?.startTime ?? nowMillis).getTime();
  const isAdmitted = conditions.some(
    one => one.type === 'Admitted' && one.status === 'True',
  );
  const isPast =
    !job.spec?.suspend &&
    !isAdmitted &&
    nowMillis - startedMillis > PATIENCE_MILLIS;
  return isPast
    ? `Job ${name} runs, and Kueue has not let it: its manager or its webhooks do not run, and quotas do not hold`
    : undefined;
}

function queueOf(labels: Record<string, string> | undefined) {
  return labels?.[QUEUE_LABEL];
}
