import {
  type ClusterClient,
  ClusterError,
  type NamedObject,
} from '@greenroom/cluster-client';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { V1Job } from '@kubernetes/client-node';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  type AttemptId,
  AttemptRefusedError,
  type WantedAttempt,
} from '../../backends/TrainingBackend';
import {
  type AttemptObject,
  isTrainJob,
  ofJob,
  ofTrainJob,
} from './AttemptObject';
import { isFinished } from './readStatus';
import {
  attemptName,
  attemptOf,
  attemptSelector,
  type Owner,
} from './objects/labels';
import type { PlacedAttempt } from './objects/PlacedAttempt';
import { trainingJob } from './objects/trainingJob';
import { trainingNetworkPolicy } from './objects/trainingNetworkPolicy';
import { orderOf, trainingSecret } from './objects/trainingSecret';
import { trainingService } from './objects/trainingService';
import type { TrainingPlace } from './settings';
import type { KubeflowTrainer } from './trainer/KubeflowTrainer';

/** A Secret has a MiB, and the token and its names are in it, too. */
const MAX_ORDER_BYTES = 700 * 1024;
const CONFLICT = 409;
const FORBIDDEN = 403;
const REFUSED = [400, 422];
/** Of a rule that the cluster's administrators have made, and not of a right that lacks. */
const ADMISSION = /admission webhook|ValidatingAdmissionPolicy/;

const pack = promisify(gzip);

export interface AttemptMakerOptions {
  client: ClusterClient;
  place: TrainingPlace;
  flavors: readonly Flavor[];
  installation: string;
  /** Undefined where it is not to be used. */
  trainer: KubeflowTrainer | undefined;
}

/** Makes and removes what an attempt is in a cluster: a Job or a TrainJob, and all that belongs to it. */
export class AttemptMaker {
  readonly #options: AttemptMakerOptions;

  constructor(options: AttemptMakerOptions) {
    this.#options = options;
  }

  /**
   * Makes it, or what is missing of it.
   *
   * @throws AttemptRefusedError where it never will be, as it is wanted
   */
  async make(wanted: WantedAttempt, token: string): Promise<AttemptObject> {
    const { client, place } = this.#options;
    const placed = this.#placeOf(wanted);
    const order = await packOrder(placed);
    try {
      const object = await this.#begin(placed);
      if (isFinished(object.job)) return object;
      const owner = ownerOf(object);
      // Its pods wait for the Secret, and so for what comes before it.
      if (wanted.resources.nodes > 1 && !isTrainJob(object)) {
        await client.apply(trainingService(placed, owner), { force: true });
      }
      if (place.networkPolicy) {
        const { allow } = place.networkPolicy;
        const policy = trainingNetworkPolicy(placed, allow, owner);
        await client.apply(policy, { force: true });
      }
      const secret = trainingSecret(placed, { owner, order, token });
      await client.apply(secret, { force: true });
      return object;
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }

  /** Undefined where there is none. */
  async find(id: AttemptId): Promise<AttemptObject | undefined> {
    const name = attemptName(id);
    const job = (await this.#options.client.read(this.#named(id))) as
      | V1Job
      | undefined;
    if (job) return ofJob(job);
    const trainJob = await this.#options.trainer?.read(name);
    return trainJob && ofTrainJob(trainJob, undefined);
  }

  /** Also where there is none, or only some of it. */
  async remove(id: AttemptId): Promise<void> {
    const { client, place, trainer } = this.#options;
    const metadata = { name: attemptName(id), namespace: place.namespace };
    await client.remove(this.#named(id));
    await trainer?.remove(id);
    await client.remove({ apiVersion: 'v1', kind: 'Secret', metadata });
    await client.remove({ apiVersion: 'v1', kind: 'Service', metadata });
    if (place.networkPolicy) {
      await client.remove({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata,
      });
    }
  }

  /** The one that there is, where it is of the same attempt. */
  async #begin(placed: PlacedAttempt): Promise<AttemptObject> {
    const { client, trainer } = this.#options;
    if (trainer) {
      // What has begun one way goes on so.
      const there = await this.find(placed.wanted);
      if (there) return this.#ours(there, placed);
    }
    try {
      if (await trainer?.takes(placed)) {
        return ofTrainJob(await trainer!.create(placed), undefined);
      }
      return ofJob((await client.create(trainingJob(placed))) as V1Job);
    } catch (error) {
      if (Object(error).statusCode !== CONFLICT) throw error;
      const there = await this.find(placed.wanted);
      // It was just removed: who asks again makes it.
      if (!there) throw error;
      return this.#ours(there, placed);
    }
  }

  #ours(there: AttemptObject, placed: PlacedAttempt): AttemptObject {
    const { installation, place } = this.#options;
    if (isOf(there.job, placed.wanted, installation)) return there;
    throw new AttemptRefusedError(
      `the namespace ${place.namespace} has a ${
        isTrainJob(there) ? 'TrainJob' : 'Job'
      } ${attemptName(placed.wanted)} that is not of this portal: remove it`,
    );
  }

  #placeOf(wanted: WantedAttempt): PlacedAttempt {
    const { place, installation, flavors } = this.#options;
    const { flavor } = wanted.resources;
    return {
      wanted,
      place,
      installation,
      flavor: flavors.find(({ name }) => name === flavor),
    };
  }

  #named(id: AttemptId): NamedObject {
    const { namespace } = this.#options.place;
    return {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: attemptName(id), namespace },
    };
  }
}

function ownerOf({ job }: AttemptObject): Owner {
  return {
    apiVersion: job.apiVersion ?? 'batch/v1',
    kind: job.kind ?? 'Job',
    uid: job.metadata?.uid ?? '',
  };
}

function isOf(
  { metadata }: V1Job,
  { job, number }: AttemptId,
  installation: string,
): boolean {
  const id = attemptOf(metadata?.labels);
  const isSame = id?.job === job && id.number === number;
  return (
    isSame &&
    attemptSelector(installation)
      .split(',')
      .every(label => {
        const [name, value] = label.split('=');
        return metadata?.labels?.[name] === value;
      })
  );
}

/** @throws AttemptRefusedError where it does not fit a Secret */
async function packOrder(placed: PlacedAttempt): Promise<Buffer> {
  const packed = await pack(JSON.stringify(orderOf(placed)));
  if (packed.length <= MAX_ORDER_BYTES) return packed;
  const files = placed.wanted.datasets.flatMap(dataset => dataset.files);
  throw new AttemptRefusedError(
    `its datasets have ${files.length} files, whose names and digests are ${packed.length} bytes when they are packed, and a cluster takes ${MAX_ORDER_BYTES}: put them into fewer, larger files`,
  );
}

/** Undefined where it is not for good. */
function refusalOf(error: unknown): AttemptRefusedError | undefined {
  if (error instanceof AttemptRefusedError) return error;
  if (!(error instanceof ClusterError)) return undefined;
  const { statusCode = 0, message } = error;
  const isForGood =
    REFUSED.includes(statusCode) ||
    (statusCode === FORBIDDEN && ADMISSION.test(message));
  return isForGood
    ? new AttemptRefusedError(`the cluster refuses it: ${message}`, error)
    : undefined;
}
