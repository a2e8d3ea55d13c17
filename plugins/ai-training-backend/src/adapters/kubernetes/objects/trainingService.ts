import type { NamedObject } from '@greenroom/cluster-client';
import type { V1Service } from '@kubernetes/client-node';
import { type Owner, ownedMetadata, selectorOf } from './labels';
import type { PlacedAttempt } from './PlacedAttempt';
import { MASTER_PORT } from './trainerVariables';

/** Gives the pods of an attempt on several nodes names that they find each other by. */
export function trainingService(
  placed: PlacedAttempt,
  owner: Owner,
): V1Service & NamedObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: ownedMetadata(placed, owner),
    spec: {
      clusterIP: 'None',
      // They meet before they are ready.
      publishNotReadyAddresses: true,
      selector: selectorOf(placed),
      ports: [{ name: 'rendezvous', port: MASTER_PORT, protocol: 'TCP' }],
    },
  };
}
