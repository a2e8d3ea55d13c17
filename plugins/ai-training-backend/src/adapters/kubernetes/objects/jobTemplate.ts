import type { V1JobSpec } from '@kubernetes/client-node';
import { fetchContainer, trainerContainer } from './containers';
import { labelsOf } from './labels';
import { type PlacedAttempt, queueOf } from './PlacedAttempt';
import { placementOf, podSpecOf, volumesOf } from './podSpec';
import type { Rendezvous } from './trainerVariables';

/** For a node, the image, code and data; once its program runs, a pod's deadline is that of the program. */
const SPARE_SECONDS = 900;
/** Long enough that what is left is read, also after a weekend without the control plane. */
const KEPT_SECONDS = 7 * 24 * 60 * 60;

/**
 * What a Job of an attempt does, and its pods: whoever makes it, each program runs once, and is confined.
 *
 * @param options.container - name of the one that trains
 */
export function jobTemplate(
  placed: PlacedAttempt,
  options: { container: string; rendezvous: Rendezvous },
): V1JobSpec {
  const { wanted, place } = placed;
  const { nodes } = wanted.resources;
  return {
    completionMode: 'Indexed',
    completions: nodes,
    parallelism: nodes,
    backoffLimit: 0,
    podReplacementPolicy: 'Failed',
    // A TrainJob has no such time. Its JobSet has one, but a failed TrainJob whose JobSet goes is run again.
    ttlSecondsAfterFinished: KEPT_SECONDS,
    // So that the Job itself says how it ended, also when its pods are gone.
    podFailurePolicy: {
      rules: [
        {
          action: 'FailJob',
          onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
        },
        // A program that Kueue takes its place from may end with any code, and its Job has not failed.
        ...(queueOf(placed) === undefined
          ? [
              {
                action: 'FailJob',
                onExitCodes: {
                  containerName: options.container,
                  operator: 'NotIn',
                  values: [0],
                },
              },
            ]
          : []),
      ],
    },
    template: {
      metadata: {
        labels: labelsOf(placed),
        annotations: {
          'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        },
      },
      spec: {
        ...podSpecOf(place, wanted.deadlineSeconds + SPARE_SECONDS),
        ...placementOf(placed.flavor),
        initContainers: [fetchContainer(placed)],
        containers: [
          {
            ...trainerContainer(placed, options.rendezvous),
            name: options.container,
          },
        ],
        volumes: volumesOf(placed),
      },
    },
  };
}
