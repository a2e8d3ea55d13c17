import { ClusterError, type NamedObject } from '@greenroom/cluster-client';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttemptId,
  AttemptRefusedError,
  BackendAwayError,
} from '../../../backends/TrainingBackend';
import { type AttemptObject, isTrainJob } from '../AttemptObject';
import { attemptName } from '../objects/labels';
import type { PlacedAttempt } from '../objects/PlacedAttempt';
import {
  hasNamesForTrainer,
  problemWithRuntime,
  trainingRuntime,
  trainJob,
} from '../objects/trainJob';
import type { TrainerSettings } from '../settings';
import { WatchedKind, type WatchOptions } from '../WatchedKind';
import { problemWithTrainJob } from './problemWithTrainJob';
import { TRAINER_API, type TrainingRuntime, type TrainJob } from './TrainJob';

const NOT_FOUND = 404;
const CONFLICT = 409;
/** Somebody may install it, or remove it. */
const ASK_AGAIN_MILLIS = 60_000;
const HEARD_MILLIS = 10_000;
const HEAR_AGAIN_MILLIS = 200;
/** As its webhook says it. */
const NOT_HEARD = /trainingruntime must be created before/i;

/** TrainJobs of Kubeflow Trainer, where a cluster has it. */
export class KubeflowTrainer {
  readonly #options: WatchOptions;
  readonly #settings: TrainerSettings;
  #trainJobs: WatchedKind<TrainJob> | undefined;
  #served: { isSo: boolean; askMillis: number } | undefined;
  #problem: string | undefined;

  constructor(options: WatchOptions & { settings: TrainerSettings }) {
    const { settings, ...watch } = options;
    this.#options = watch;
    this.#settings = settings;
  }

  /** What is wrong with it, in a sentence; undefined while nothing is, as far as is known. */
  get problem(): string | undefined {
    return this.#problem;
  }

  stop(): void {
    this.#trainJobs?.stop();
  }

  /** Those that there are; none where the cluster has no Kubeflow Trainer. */
  async look(): Promise<TrainJob[]> {
    if (!(await this.isServed())) {
      this.#trainJobs?.stop();
      this.#trainJobs = undefined;
      return [];
    }
    this.#trainJobs ??= new WatchedKind(this.#options, {
      apiVersion: TRAINER_API,
      kind: 'TrainJob',
      plural: 'trainjobs',
    });
    return await this.#trainJobs.look();
  }

  /** Looks whether it does what it is there for. */
  judge(objects: Iterable<AttemptObject>): void {
    this.#problem = [...objects]
      .flatMap(object => this.troubleOf(object) ?? [])
      .at(0);
  }

  /** Why nothing comes of a TrainJob, as far as that is known. */
  troubleOf(object: AttemptObject): string | undefined {
    if (!isTrainJob(object)) return undefined;
    return problemWithTrainJob({
      job: object.job,
      hasJob: object.podsOf !== undefined,
      nowMillis: this.#options.client.nowMillis,
    });
  }

  /** Whether it is to run an attempt; what it does not, is a Job. */
  async takes({ wanted }: PlacedAttempt): Promise<boolean> {
    const isFor = this.#settings.runs === 'all' || wanted.resources.nodes > 1;
    return isFor && hasNamesForTrainer({ wanted }) && (await this.isServed());
  }

  /**
   * Makes a TrainJob, with a runtime of its own.
   *
   * @throws AttemptRefusedError where the cluster's runtime is not for our programs
   * @throws ClusterError with 409 where there is one
   */
  async create(placed: PlacedAttempt): Promise<TrainJob> {
    const { client } = this.#options;
    const base = await this.#readRuntime();
    // A TrainJob is refused whose runtime is not there.
    await client.apply(trainingRuntime(placed, base, undefined), {
      force: true,
    });
    const made = await this.#createTrainJob(trainJob(placed, base)).catch(
      async error => {
        await this.#removeUnused(attemptName(placed.wanted), error);
        throw error;
      },
    );
    const owner = {
      apiVersion: TRAINER_API,
      kind: 'TrainJob',
      uid: made.metadata?.uid ?? '',
    };
    await client.apply(trainingRuntime(placed, base, owner), { force: true });
    return made;
  }

  /** Nobody knows of a runtime whose TrainJob was refused; that of one that was there before is its own. */
  async #removeUnused(name: string, error: unknown): Promise<void> {
    if (Object(error).statusCode === CONFLICT) return;
    const { client } = this.#options;
    await client.remove(this.#named('TrainingRuntime', name)).catch(() => {});
  }

  /** Its manager hears of the runtime a moment after it was made, and refuses the TrainJob until then. */
  async #createTrainJob(wanted: TrainJob & NamedObject): Promise<TrainJob> {
    const endMillis = performance.now() + HEARD_MILLIS;
    for (;;) {
      try {
        return (await this.#options.client.create(wanted)) as TrainJob;
      } catch (error) {
        if (!NOT_HEARD.test((error as Error).message)) throw error;
        if (performance.now() > endMillis) {
          throw new BackendAwayError((error as Error).message, error);
        }
      }
      await sleep(HEAR_AGAIN_MILLIS, undefined, { ref: false });
    }
  }

  /** Undefined where there is none. */
  async read(name: string): Promise<TrainJob | undefined> {
    if (!(await this.isServed())) return undefined;
    return (await this.#options.client.read(this.#named('TrainJob', name))) as
      | TrainJob
      | undefined;
  }

  /** Removes what was made for an attempt, also where only some of it was. */
  async remove(id: AttemptId): Promise<void> {
    if (!(await this.isServed())) return;
    const { client } = this.#options;
    const name = attemptName(id);
    await client.remove(this.#named('TrainJob', name));
    await client.remove(this.#named('TrainingRuntime', name));
  }

  /**
   * Whether the cluster has it.
   *
   * @throws BackendAwayError where it does not say, and nothing is known
   */
  async isServed(): Promise<boolean> {
    const known = this.#served;
    if (known && performance.now() < known.askMillis) return known.isSo;
    let isSo: boolean;
    try {
      await this.#options.client.readPath(`/apis/${TRAINER_API}`);
      isSo = true;
    } catch (error) {
      const isMissing =
        error instanceof ClusterError && error.statusCode === NOT_FOUND;
      if (!isMissing && !known) {
        throw new BackendAwayError((error as Error).message, error);
      }
      isSo = isMissing ? false : known?.isSo ?? false;
    }
    this.#served = { isSo, askMillis: performance.now() + ASK_AGAIN_MILLIS };
    return isSo;
  }

  async #readRuntime(): Promise<TrainingRuntime> {
    const { client, namespace } = this.#options;
    const { runtime: name, runtimeKind: kind } = this.#settings;
    const found = (await client.read(this.#named(kind, name))) as
      | TrainingRuntime
      | undefined;
    if (!found) {
      const where =
        kind === 'TrainingRuntime' ? ` in the namespace ${namespace}` : '';
      throw new AttemptRefusedError(
        `there is no ${kind} ${name}${where}: install the runtimes of Kubeflow Trainer, or name another one (aiTraining.kubernetes[].trainer.runtime)`,
      );
    }
    const base = { ...found, kind };
    const problem = problemWithRuntime(base);
    if (problem !== undefined) throw new AttemptRefusedError(problem);
    return base;
  }

  #named(kind: string, name: string): NamedObject {
    const { namespace } = this.#options;
    return { apiVersion: TRAINER_API, kind, metadata: { name, namespace } };
  }
}
