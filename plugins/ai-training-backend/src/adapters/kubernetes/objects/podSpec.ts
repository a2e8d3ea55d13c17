import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type {
  V1Container,
  V1PodSpec,
  V1Volume,
  V1VolumeMount,
} from '@kubernetes/client-node';
import type { TrainingPlace } from '../settings';
import { CA_KEY, CHECKPOINTS_FOLDER, ORDER_KEY, TOKEN_KEY } from './folders';
import { attemptName } from './labels';
import type { PlacedAttempt } from './PlacedAttempt';

export const CONTAINED: V1Container['securityContext'] = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

export function podSpecOf(
  { userId, graceSeconds }: TrainingPlace,
  deadlineSeconds: number,
): Omit<V1PodSpec, 'containers'> {
  return {
    restartPolicy: 'Never',
    activeDeadlineSeconds: deadlineSeconds,
    terminationGracePeriodSeconds: graceSeconds,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      fsGroup: userId,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

export function placementOf(flavor: Flavor | undefined): Partial<V1PodSpec> {
  return {
    ...(flavor?.nodeSelector && { nodeSelector: flavor.nodeSelector }),
    ...(flavor?.tolerations && { tolerations: flavor.tolerations }),
    ...(flavor?.runtimeClass !== undefined && {
      runtimeClassName: flavor.runtimeClass,
    }),
  };
}

export function volumesOf({ wanted, place }: PlacedAttempt): V1Volume[] {
  const secretName = attemptName(wanted);
  const hasClaim = place.checkpointsClaim !== undefined;
  return [
    {
      name: 'order',
      secret: { secretName, items: [{ key: ORDER_KEY, path: ORDER_KEY }] },
    },
    {
      name: 'secrets',
      secret: {
        secretName,
        items: [TOKEN_KEY, ...(place.controlPlaneCa ? [CA_KEY] : [])].map(
          key => ({ key, path: key }),
        ),
      },
    },
    { name: 'source', emptyDir: {} },
    { name: 'datasets', emptyDir: {} },
    { name: 'tmp', emptyDir: {} },
    { name: 'fetch-tmp', emptyDir: {} },
    // Its size is that of the container's memory.
    { name: 'shm', emptyDir: { medium: 'Memory' } },
    hasClaim ? claimVolume(place) : { name: 'checkpoints', emptyDir: {} },
  ];
}

export function claimVolume({
  checkpointsClaim = '',
}: TrainingPlace): V1Volume {
  return {
    name: 'claim',
    persistentVolumeClaim: { claimName: checkpointsClaim },
  };
}

/** The program sees its own job's folder of the claim, and no other one. */
export function checkpointsMount({
  wanted,
  place,
}: PlacedAttempt): V1VolumeMount {
  return place.checkpointsClaim === undefined
    ? { name: 'checkpoints', mountPath: CHECKPOINTS_FOLDER }
    : { name: 'claim', mountPath: CHECKPOINTS_FOLDER, subPath: wanted.job };
}

export function resourcesOf(resources: Record<string, string>) {
  return { requests: resources, limits: resources };
}
