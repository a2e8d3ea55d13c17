import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { ClusterClient } from '@greenroom/cluster-client';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import {
  type AttemptId,
  AttemptRefusedError,
  BackendAwayError,
  type LogPart,
  type ObservedAttempt,
  type TrainingBackend,
  type WantedAttempt,
} from '../../backends/TrainingBackend';
import { AttemptEnder } from './AttemptEnder';
import { AttemptLogs } from './AttemptLogs';
import { AttemptMaker } from './AttemptMaker';
import {
  type AttemptObject,
  attemptObjects,
  isPodOf,
  lacksPods,
} from './AttemptObject';
import { AttemptWatch } from './AttemptWatch';
import { describeAttempt } from './describeAttempt';
import { isFinished } from './readStatus';
import { FlavorCapacity } from './FlavorCapacity';
import { forgetCheckpoints } from './forgetCheckpoints';
import { GpuExporters } from './gpu/GpuExporters';
import { JobEvents } from './JobEvents';
import { Kueue } from './kueue/Kueue';
import { attemptName, attemptOf, attemptSelector } from './objects/labels';
import { PodUsage } from './PodUsage';
import { problemWithAttempt } from './problemWithAttempt';
import type { SeenAttempt } from './SeenAttempt';
import type { TrainingPlace } from './settings';
import { KubeflowTrainer } from './trainer/KubeflowTrainer';
import type { TrainJob } from './trainer/TrainJob';

/** Of jobs that name none: nodes as the cluster's scheduler chooses them. */
const ANY_FLAVOR = 'any';
const ANSWER_MILLIS = 10_000;
/** What was made is told by the watch within moments; where it is not, it is asked for again. */
const TOLD_MILLIS = 30_000;

export interface KubernetesTrainingBackendOptions {
  client: ClusterClient;
  place: TrainingPlace;
  flavors: readonly Flavor[];
  installation: string;
  logger: LoggerService;
  /** After so long without a word from the cluster nothing is known. */
  awayMillis?: number;
}

/**
 * Runs attempts as Jobs of a cluster, or as TrainJobs where Kubeflow Trainer is to run them.
 *
 * What an attempt is, is kept in the cluster: another control plane goes on with what it finds. In memory is only what can
 * be read again, logs that are read anew from their beginning among it; and how an attempt ended whose Job somebody else
 * has removed.
 */
export class KubernetesTrainingBackend implements TrainingBackend {
  readonly name: string;
  readonly defaultFlavor = ANY_FLAVOR;
  readonly #options: KubernetesTrainingBackendOptions;
  readonly #watch: AttemptWatch;
  readonly #maker: AttemptMaker;
  readonly #ender: AttemptEnder;
  readonly #logs: AttemptLogs;
  readonly #events: JobEvents;
  readonly #usage: PodUsage;
  readonly #gpus: GpuExporters | undefined;
  readonly #capacity: FlavorCapacity;
  readonly #kueue: Kueue | undefined;
  readonly #trainer: KubeflowTrainer | undefined;
  /** What was made and is not told of yet, by name. */
  readonly #begun = new Map<
    string,
    { object: AttemptObject; untilMillis: number }
  >();
  readonly #seen = new Map<string, SeenAttempt>();
  /** UIDs of what is removed, and may still be told of. */
  readonly #released = new Set<string>();

  constructor(options: KubernetesTrainingBackendOptions) {
    const { client, place, installation, logger, awayMillis, flavors } =
      options;
    const { namespace } = place;
    const selector = attemptSelector(installation);
    const watched = {
      client,
      namespace,
      selector,
      answerMillis: ANSWER_MILLIS,
      awayMillis,
      logger,
    };
    this.name = place.name;
    this.#options = options;
    this.#kueue = place.kueue && new Kueue({ client, place });
    this.#trainer =
      place.trainer &&
      new KubeflowTrainer({ ...watched, settings: place.trainer });
    this.#watch = new AttemptWatch(watched);
    this.#maker = new AttemptMaker({
      client,
      place,
      flavors,
      installation,
      trainer: this.#trainer,
    });
    this.#ender = new AttemptEnder({ client, place });
    this.#events = new JobEvents({ client, namespace });
    this.#usage = new PodUsage({ client, namespace, selector });
    this.#gpus =
      place.gpuExporterUrl === undefined
        ? undefined
        : new GpuExporters({ url: place.gpuExporterUrl, namespace, logger });
    this.#capacity = new FlavorCapacity({ client, flavors });
    this.#logs = new AttemptLogs({
      client,
      namespace,
      findPod: pod => this.#watch.pod(pod),
      logger,
    });
  }

  get problem(): string | undefined {
    return this.#kueue?.problem ?? this.#trainer?.problem;
  }

  async capacity(): Promise<Map<string, number | undefined>> {
    const { flavors } = this.#options;
    try {
      return new Map<string, number | undefined>([
        [ANY_FLAVOR, undefined],
        // Kueue knows what there is, and lets go what fits.
        ...(this.#kueue
          ? flavors.map(({ name }) => [name, undefined] as const)
          : await this.#capacity.read()),
      ]);
    } catch (error) {
      throw toAway(error);
    }
  }

  problemWith(
    wanted: Pick<WantedAttempt, 'program' | 'resources'>,
  ): string | undefined {
    return problemWithAttempt(wanted, this.#options);
  }

  async start(wanted: WantedAttempt, token: string): Promise<void> {
    const problem = this.problemWith(wanted);
    if (problem !== undefined) throw new AttemptRefusedError(problem);
    const { place } = this.#options;
    if (wanted.resumeOf !== undefined && !place.checkpointsClaim) {
      throw new AttemptRefusedError(
        `it is to begin with checkpoints, and ${this.name} keeps none: set aiTraining.kubernetes[].checkpointsClaim`,
      );
    }
    try {
      const object = await this.#maker.make(wanted, token);
      this.#kueue?.hear(undefined);
      if (isFinished(object.job)) return;
      this.#begun.set(attemptName(wanted), {
        object,
        untilMillis: performance.now() + TOLD_MILLIS,
      });
    } catch (error) {
      this.#kueue?.hear(error);
      throw toAway(error);
    }
  }

  async stop(
    id: AttemptId,
    { graceSeconds }: { graceSeconds: number },
  ): Promise<void> {
    try {
      const object = await this.#maker.find(id);
      if (!object || isFinished(object.job)) return;
      await this.#ender.mark(object.job, { why: 'stop' }, { graceSeconds });
      this.#kueue?.hear(undefined);
    } catch (error) {
      this.#kueue?.hear(error);
      throw toAway(error);
    }
  }

  async observe(): Promise<ObservedAttempt[]> {
    await this.#look();
    await this.#tendAll();
    return [...this.#seen.values()].map(seen => {
      const { observed } = seen;
      const { state } = observed;
      if (state.phase !== 'running') return observed;
      const gpus = this.#gpus?.of(seen);
      const pods = this.#usage.of(seen);
      const usage = (pods || gpus) && { ...pods, ...(gpus && { gpus }) };
      return usage ? { ...observed, state: { ...state, usage } } : observed;
    });
  }

  async readLog(
    id: AttemptId,
    { fromByte, mostBytes }: { fromByte: number; mostBytes: number },
  ): Promise<LogPart> {
    await this.#look();
    const seen = this.#seen.get(attemptName(id));
    if (!seen) return { bytes: Buffer.alloc(0), fromByte, isEnd: true };
    this.#end(seen);
    const log = await this.#logs.tend(seen);
    return await log.read(fromByte, mostBytes);
  }

  async release(id: AttemptId): Promise<void> {
    const name = attemptName(id);
    const uid = this.#seen.get(name)?.object?.job.metadata?.uid;
    try {
      await this.#maker.remove(id);
    } catch (error) {
      throw toAway(error);
    }
    if (uid !== undefined) this.#released.add(uid);
    this.#seen.delete(name);
    this.#begun.delete(name);
    await this.#logs.remove(name);
  }

  async forget(job: string): Promise<void> {
    if (this.#options.place.checkpointsClaim === undefined) return;
    try {
      await forgetCheckpoints(job, this.#options);
    } catch (error) {
      throw toAway(error);
    }
  }

  async close(): Promise<void> {
    this.#watch.stop();
    this.#trainer?.stop();
    await this.#logs.close();
  }

  /** Takes over what the cluster has told. */
  async #look(): Promise<void> {
    const [told, trainJobs = []] = await Promise.all([
      this.#watch.look(),
      this.#trainer?.look(),
    ]);
    const { all, pods } = await this.#withPods(told, trainJobs);
    await this.#kueue?.look([...all.values()].map(({ job }) => job));
    const objects = this.#withBegun(this.#withoutReleased(all));
    this.#trainer?.judge(objects.values());
    for (const [name, object] of objects) {
      const id = attemptOf(object.job.metadata?.labels);
      if (!id) continue;
      if (isSameEnd(this.#seen.get(name), object)) continue;
      const its = pods.filter(pod => isPodOf(pod, object));
      const state = describeAttempt({
        job: object.job,
        pods: its,
        events: this.#events.of(name),
        queue: this.#kueue?.describe(object.job),
        trouble: this.#trainer?.troubleOf(object),
        nowMillis: this.#options.client.nowMillis,
      });
      this.#seen.set(name, { observed: { ...id, state }, object, pods: its });
    }
    for (const [name, seen] of this.#seen) {
      if (!objects.has(name)) this.#seen.set(name, withoutObject(seen, pods));
    }
  }

  /** How an attempt ended, and its log, is known by its pods: where some were not told of, they are asked for. */
  async #withPods(
    told: { jobs: V1Job[]; pods: V1Pod[] },
    trainJobs: readonly TrainJob[],
  ): Promise<{ all: Map<string, AttemptObject>; pods: V1Pod[] }> {
    const all = attemptObjects(told.jobs, trainJobs);
    const isLacking = [...all].some(
      ([name, object]) =>
        !isSameEnd(this.#seen.get(name), object) &&
        lacksPods(object, told.pods),
    );
    if (!isLacking) return { all, pods: told.pods };
    try {
      const { jobs, pods } = await this.#watch.ask();
      return { all: attemptObjects(jobs, trainJobs), pods };
    } catch (error) {
      throw toAway(error);
    }
  }

  #withoutReleased(
    all: ReadonlyMap<string, AttemptObject>,
  ): Map<string, AttemptObject> {
    const uidOf = ({ job }: AttemptObject) => job.metadata?.uid ?? '';
    const uids = new Set([...all.values()].map(uidOf));
    for (const uid of this.#released) {
      if (!uids.has(uid)) this.#released.delete(uid);
    }
    return new Map(
      [...all].filter(([, object]) => !this.#released.has(uidOf(object))),
    );
  }

  #withBegun(objects: Map<string, AttemptObject>): Map<string, AttemptObject> {
    for (const [name, { object, untilMillis }] of this.#begun) {
      const isKnown = objects.has(name) || performance.now() > untilMillis;
      if (isKnown) this.#begun.delete(name);
      else objects.set(name, object);
    }
    return objects;
  }

  /** What is to be done besides, of every attempt; one that cannot be helped now keeps no other one waiting. */
  async #tendAll(): Promise<void> {
    const all = [...this.#seen.values()];
    await Promise.all([
      ...all.map(seen =>
        this.#logs
          .tend(seen)
          .catch(error =>
            this.#options.logger.warn(
              `The log of ${attemptName(seen.observed)} is not followed: ${
                toError(error).message
              }`,
            ),
          ),
      ),
      this.#events.read(all),
    ]);
    this.#usage.read(all).catch(() => {});
    this.#gpus?.read(all).catch(() => {});
    all.forEach(seen => this.#end(seen));
  }

  #end(seen: SeenAttempt): void {
    this.#ender
      .tend(seen)
      .catch(error =>
        this.#options.logger.warn(
          `What is to end of ${attemptName(
            seen.observed,
          )} could not be ended: ${toError(error).message}`,
        ),
      );
  }
}

/** How it ended was seen, and stays so when its pods are removed. */
function isSameEnd(
  seen: SeenAttempt | undefined,
  { job }: AttemptObject,
): boolean {
  return (
    seen?.observed.state.phase === 'ended' &&
    seen.object?.job.metadata?.uid === job.metadata?.uid
  );
}

/** Somebody has removed it: how it ended is known where it had, and its pods end with it. */
function withoutObject(seen: SeenAttempt, pods: readonly V1Pod[]): SeenAttempt {
  const { observed, object } = seen;
  const left = object ? pods.filter(pod => isPodOf(pod, object)) : [];
  if (observed.state.phase === 'ended' || left.length > 0) return seen;
  const startedAt =
    observed.state.phase === 'running' ? observed.state.startedAt : undefined;
  const kind = object?.job.kind ?? 'Job';
  return {
    object: undefined,
    pods: [],
    observed: {
      ...observed,
      state: {
        phase: 'ended',
        end: {
          kind: 'lost',
          message: `somebody has removed its ${kind} ${attemptName(observed)}`,
        },
        ...(startedAt !== undefined && { startedAt }),
      },
    },
  };
}

function toAway(error: unknown): Error {
  return error instanceof BackendAwayError ||
    error instanceof AttemptRefusedError
    ? error
    : new BackendAwayError(toError(error).message, error);
}
