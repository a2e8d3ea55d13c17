import type { V1Container, V1Pod } from '@kubernetes/client-node';
import { FETCH_CONTAINER } from '../objects/containers';
import { NODE } from './TrainJob';

/**
 * In what a pod is less confined than it was asked for; undefined where it is not. Others make the pods of a TrainJob, from
 * what was asked for and from what they add.
 */
export function weaknessOf({ spec }: V1Pod): string | undefined {
  const { securityContext } = spec ?? {};
  const ofPod: [isWeak: boolean, what: string][] = [
    [
      spec?.automountServiceAccountToken !== false,
      'it may have a token of the cluster (automountServiceAccountToken)',
    ],
    [spec?.hostNetwork === true, 'it is in the network of its node'],
    [
      spec?.hostPID === true || spec?.hostIPC === true,
      'it sees the processes of its node',
    ],
    [
      securityContext?.runAsNonRoot !== true,
      'its programs may be root (runAsNonRoot)',
    ],
    [
      securityContext?.seccompProfile?.type !== 'RuntimeDefault',
      'its calls to the kernel are not bounded (seccompProfile)',
    ],
  ];
  const containers = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
  ].filter(({ name }) => [FETCH_CONTAINER, NODE].includes(name));
  return (
    ofPod.find(([isWeak]) => isWeak)?.[1] ??
    containers.map(weaknessOfContainer).find(what => what !== undefined)
  );
}

function weaknessOfContainer({
  name,
  securityContext,
}: V1Container): string | undefined {
  const { capabilities } = securityContext ?? {};
  const found: [isWeak: boolean, what: string][] = [
    [securityContext?.privileged === true, 'is privileged'],
    [
      securityContext?.allowPrivilegeEscalation !== false,
      'may gain privileges (allowPrivilegeEscalation)',
    ],
    [
      securityContext?.runAsNonRoot === false ||
        securityContext?.runAsUser === 0,
      'may be root',
    ],
    [
      securityContext?.readOnlyRootFilesystem !== true,
      'may write to its image (readOnlyRootFilesystem)',
    ],
    [
      !capabilities?.drop?.includes('ALL') ||
        (capabilities.add ?? []).length > 0,
      'has capabilities',
    ],
  ];
  const what = found.find(([isWeak]) => isWeak)?.[1];
  return what && `its container ${name} ${what}`;
}
