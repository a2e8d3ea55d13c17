import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Job } from '@kubernetes/client-node';
import { CLAIM_FOLDER } from './folders';
import { commonLabels } from './labels';
import type { PlacedAttempt } from './PlacedAttempt';
import { claimVolume, CONTAINED, podSpecOf, resourcesOf } from './podSpec';

const FORGET_COMPONENT = 'training-forget';
const FORGET_SECONDS = 600;

/** A Job that removes a job's checkpoints from the claim. */
export function forgetJob(
  job: string,
  { place, installation }: Pick<PlacedAttempt, 'place' | 'installation'>,
): V1Job & NamedObject {
  const labels = commonLabels(installation, FORGET_COMPONENT);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: `training-forget-${job}`,
      namespace: place.namespace,
      labels,
    },
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: FORGET_SECONDS,
      ttlSecondsAfterFinished: FORGET_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          ...podSpecOf(place, FORGET_SECONDS),
          containers: [
            {
              name: 'forget',
              image: place.fetchImage,
              args: ['forget-training', CLAIM_FOLDER, job],
              env: [{ name: 'NODE_ENV', value: 'production' }],
              resources: resourcesOf({ cpu: '100m', memory: '256Mi' }),
              securityContext: CONTAINED,
              volumeMounts: [{ name: 'claim', mountPath: CLAIM_FOLDER }],
            },
          ],
          volumes: [claimVolume(place)],
        },
      },
    },
  };
}
