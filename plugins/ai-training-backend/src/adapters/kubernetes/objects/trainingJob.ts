import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Job } from '@kubernetes/client-node';
import { TRAINER_CONTAINER } from './containers';
import { jobTemplate } from './jobTemplate';
import { attemptName, metadataOf, queueLabels } from './labels';
import type { PlacedAttempt } from './PlacedAttempt';

/** A Job that runs one attempt, with a pod for each of its nodes. It is never tried again by the cluster. */
export function trainingJob(placed: PlacedAttempt): V1Job & NamedObject {
  const name = attemptName(placed.wanted);
  const metadata = metadataOf(placed);
  const queue = queueLabels(placed);
  const spec = jobTemplate(placed, {
    container: TRAINER_CONTAINER,
    rendezvous: { address: `${name}-0.${name}`, launcher: true },
  });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, labels: { ...metadata.labels, ...queue } },
    spec: {
      ...spec,
      suspend: queue !== undefined,
      template: {
        ...spec.template,
        // Its pods have names that others find.
        spec: spec.template.spec && { ...spec.template.spec, subdomain: name },
      },
    },
  };
}
