import type { ClusterClient, NamedObject } from '@greenroom/cluster-client';
import type { V1Job } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendAwayError } from '../../backends/TrainingBackend';
import { conditionOf, isFinished } from './readStatus';
import { forgetJob } from './objects/forgetJob';
import type { TrainingPlace } from './settings';

const CONFLICT = 409;
const FORGET_MILLIS = 60_000;
const LOOK_MILLIS = 300;

/**
 * Removes a job's checkpoints from the claim, by a Job of the cluster.
 *
 * @param job - UUID
 * @throws BackendAwayError where it has failed, or goes on
 */
export async function forgetCheckpoints(
  job: string,
  options: {
    client: Pick<ClusterClient, 'create' | 'read' | 'remove'>;
    place: TrainingPlace;
    installation: string;
  },
): Promise<void> {
  const { client } = options;
  const wanted = forgetJob(job, options);
  await client.create(wanted).catch(error => {
    if (Object(error).statusCode !== CONFLICT) throw error;
  });
  const ended = await untilFinished(client, wanted);
  await client.remove(wanted);
  const failed = ended && conditionOf(ended, 'Failed');
  if (!failed) return;
  throw new BackendAwayError(
    `the checkpoints of job ${job} could not be removed: ${failed.message}`,
  );
}

/** @returns undefined where it is gone */
async function untilFinished(
  client: Pick<ClusterClient, 'read'>,
  wanted: NamedObject,
): Promise<V1Job | undefined> {
  const endMillis = performance.now() + FORGET_MILLIS;
  while (performance.now() < endMillis) {
    const job = (await client.read(wanted)) as V1Job | undefined;
    if (!job || isFinished(job)) return job;
    await sleep(LOOK_MILLIS, undefined, { ref: false });
  }
  throw new BackendAwayError(
    `${wanted.metadata.name} has not ended after ${
      FORGET_MILLIS / 1_000
    } seconds: it goes on`,
  );
}
