import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Job } from '@kubernetes/client-node';
import {
  fetchContainer,
  TRAINER_CONTAINER,
  trainerContainer,
} from './containers';
import { attemptName, labelsOf, metadataOf, QUEUE_LABEL } from './labels';
import { type PlacedAttempt, queueOf } from './PlacedAttempt';
import { placementOf, podSpecOf, volumesOf } from './podSpec';

/** For a node, the image, code and data; once its program runs, a pod's deadline is that of the program. */
const SPARE_SECONDS = 900;

/** Long enough that what is left is read, also after a weekend without the control plane. */
const KEPT_SECONDS = 7 * 24 * 60 * 60;

/** A Job that runs one attempt, with a pod for each of its nodes. It is never tried again by the cluster. */
export function trainingJob(placed: PlacedAttempt): V1Job & NamedObject {
  const { wanted, place } = placed;
  const { nodes } = wanted.resources;
  const queue = queueOf(placed);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadataOf(placed),
      labels: {
        ...labelsOf(placed),
        ...(queue !== undefined && { [QUEUE_LABEL]: queue }),
      },
    },
    spec: {
      suspend: queue !== undefined,
      completionMode: 'Indexed',
      completions: nodes,
      parallelism: nodes,
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      // So that the Job itself says how it ended, also when its pods are gone.
      podFailurePolicy: {
        rules: [
          {
            action: 'FailJob',
            onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
          },
          {
            action: 'FailJob',
            onExitCodes: {
              containerName: TRAINER_CONTAINER,
              operator: 'NotIn',
              values: [0],
            },
          },
        ],
      },
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: {
          labels: labelsOf(placed),
          annotations: {
            'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
          },
        },
        spec: {
          ...podSpecOf(place, wanted.deadlineSeconds + SPARE_SECONDS),
          subdomain: attemptName(wanted),
          ...placementOf(placed.flavor),
          initContainers: [fetchContainer(placed)],
          containers: [trainerContainer(placed)],
          volumes: volumesOf(placed),
        },
      },
    },
  };
}
