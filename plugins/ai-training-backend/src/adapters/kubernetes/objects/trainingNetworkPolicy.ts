import type { NamedObject } from '@greenroom/cluster-client';
import type {
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
} from '@kubernetes/client-node';
import type { AllowedPeer } from '../settings';
import { type Owner, ownedMetadata, selectorOf } from './labels';
import type { PlacedAttempt } from './PlacedAttempt';

/** Has the pods of an attempt reach each other, names, and what is allowed; nobody else reaches them. */
export function trainingNetworkPolicy(
  placed: PlacedAttempt,
  allow: readonly AllowedPeer[],
  owner: Owner,
): V1NetworkPolicy & NamedObject {
  const own = { podSelector: { matchLabels: selectorOf(placed) } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: ownedMetadata(placed, owner),
    spec: {
      podSelector: own.podSelector,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ _from: [own] }],
      egress: [
        { to: [own] },
        {
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
        ...allow.map(peer => ({
          to: [peerOf(peer)],
          ...(peer.port !== undefined && {
            ports: [{ protocol: 'TCP', port: peer.port }],
          }),
        })),
      ],
    },
  };
}

function peerOf({
  cidr,
  namespace,
  podLabels,
}: AllowedPeer): V1NetworkPolicyPeer {
  if (cidr !== undefined) return { ipBlock: { cidr } };
  return {
    namespaceSelector: {
      matchLabels: { 'kubernetes.io/metadata.name': namespace ?? '' },
    },
    ...(podLabels && { podSelector: { matchLabels: podLabels } }),
  };
}
