import type { V1Container, V1PodSpec } from '@kubernetes/client-node';
import { weaknessOf } from './confinement';

const CONFINED: V1Container['securityContext'] = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
const POD: V1PodSpec = {
  automountServiceAccountToken: false,
  securityContext: {
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  initContainers: [{ name: 'fetch', securityContext: CONFINED }],
  containers: [
    { name: 'node', securityContext: CONFINED },
    // Somebody's webhook adds it to all pods: what it may do is theirs.
    { name: 'istio-proxy' },
  ],
};
const node = (securityContext: V1Container['securityContext']): V1PodSpec => ({
  ...POD,
  containers: [{ name: 'node', securityContext }],
});

it('has nothing against a pod as it was asked for', () => {
  expect(weaknessOf({ spec: POD })).toBeUndefined();
});

it.each<[V1PodSpec, RegExp]>([
  [{ ...POD, automountServiceAccountToken: undefined }, /token of the cluster/],
  [{ ...POD, hostNetwork: true }, /network of its node/],
  [{ ...POD, hostPID: true }, /processes of its node/],
  [{ ...POD, hostIPC: true }, /processes of its node/],
  [{ ...POD, securityContext: undefined }, /may be root/],
  [
    { ...POD, securityContext: { runAsNonRoot: true } },
    /calls to the kernel are not bounded/,
  ],
  [node(undefined), /container node may gain privileges/],
  [node({ ...CONFINED, privileged: true }), /is privileged/],
  [node({ ...CONFINED, runAsUser: 0 }), /container node may be root/],
  [node({ ...CONFINED, readOnlyRootFilesystem: false }), /write to its image/],
  [node({ ...CONFINED, capabilities: { drop: [] } }), /has capabilities/],
  [
    node({
      ...CONFINED,
      capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] },
    }),
    /has capabilities/,
  ],
  [
    { ...POD, initContainers: [{ name: 'fetch' }] },
    /container fetch may gain privileges/,
  ],
])('says in what a pod is less confined: %#', (spec, expected) => {
  expect(weaknessOf({ spec })).toMatch(expected);
});
