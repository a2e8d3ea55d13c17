import type { KubernetesObject } from '@kubernetes/client-node';
import type { NamedObject } from '@greenroom/cluster-client';
import { HANDOVER_MANAGER, replicasToHandOver } from './handOver';

const wanted = (replicas?: number, kind = 'Deployment') =>
  ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'greenroom-live', namespace: 'models' },
    spec: { replicas },
  } as unknown as NamedObject);
const actual = (replicas: number, manager: string, subresource?: string) =>
  ({
    metadata: {
      managedFields: [
        {
          manager,
          subresource,
          fieldsV1: { 'f:spec': { 'f:replicas': {} } },
        },
        { manager: 'others', fieldsV1: { 'f:metadata': {} } },
      ],
    },
    spec: { replicas },
  } as unknown as KubernetesObject);

describe('replicasToHandOver', () => {
  it('is as many as there are, where an autoscaler says it from now on', () => {
    expect(replicasToHandOver(wanted(), actual(6, 'greenroom'))).toBe(6);
  });

  it('is nothing, once it is not ours any more', () => {
    const scaled = actual(6, 'kube-controller-manager', 'scale');
    expect(replicasToHandOver(wanted(), scaled)).toBeUndefined();
    expect(
      replicasToHandOver(wanted(), actual(6, HANDOVER_MANAGER)),
    ).toBeUndefined();
  });

  it('is as many as are wanted, where an autoscaler has said it before', () => {
    const scaled = actual(6, 'kube-controller-manager', 'scale');
    expect(replicasToHandOver(wanted(3), scaled)).toBe(3);
    expect(replicasToHandOver(wanted(3), actual(6, HANDOVER_MANAGER))).toBe(3);
    expect(replicasToHandOver(wanted(6), scaled)).toBeUndefined();
  });

  it('takes nothing from somebody who has changed it', () => {
    expect(replicasToHandOver(wanted(3), actual(6, 'kubectl'))).toBeUndefined();
  });

  it('is nothing for what is not there, and for other kinds', () => {
    expect(replicasToHandOver(wanted(3), undefined)).toBeUndefined();
    expect(
      replicasToHandOver(wanted(undefined, 'Service'), actual(6, 'greenroom')),
    ).toBeUndefined();
  });
});
