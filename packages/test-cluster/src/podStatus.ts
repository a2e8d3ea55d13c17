import type {
  V1ContainerState,
  V1ContainerStatus,
  V1Pod,
  V1PodCondition,
  V1PodStatus,
} from '@kubernetes/client-node';

/** What a kubelet says of a pod that it has ended. */
export interface PodFailure {
  reason: string;
  message: string;
}

/** How the process of a pod is; `gone`: it has ended, and was to end. */
export type PodReport =
  | {
      ip: string;
      state: V1ContainerState;
      lastState?: V1ContainerState;
      isReady: boolean;
      restarts: number;
      /** Of what begins before it, the one that ran last. */
      initializing?: V1ContainerStatus;
      startedAt: Date;
      failure?: PodFailure;
      /** Whether it is not started again. */
      hasEnded?: boolean;
    }
  | 'gone';

/** What the cluster is told of a pod. */
export function statusOf(
  pod: V1Pod,
  report: Exclude<PodReport, 'gone'>,
): V1PodStatus {
  const { ip, state, lastState, isReady, restarts, startedAt, initializing } =
    report;
  const [container] = pod.spec?.containers ?? [];
  const isRunning = state.running !== undefined;
  const condition = (type: string, isSo: boolean): V1PodCondition => ({
    type,
    status: isSo ? 'True' : 'False',
    lastTransitionTime: new Date(),
  });
  return {
    phase: phaseOf(report),
    ...report.failure,
    hostIP: ip,
    podIP: ip,
    podIPs: [{ ip }],
    startTime: startedAt,
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', initializing?.ready ?? true),
      condition('ContainersReady', isReady),
      condition('Ready', isReady),
    ],
    ...(initializing && { initContainerStatuses: [initializing] }),
    containerStatuses: [
      {
        name: container?.name ?? '',
        image: container?.image ?? '',
        imageID: '',
        ready: isReady,
        started: isRunning,
        restartCount: restarts,
        state,
        ...(lastState && { lastState }),
      },
    ],
  };
}

function phaseOf({
  state: { running, terminated },
  restarts,
  initializing,
  failure,
}: Exclude<PodReport, 'gone'>): string {
  if (failure) return 'Failed';
  const before = initializing?.state?.terminated;
  if (before && before.exitCode !== 0) return 'Failed';
  // Of a process that is not started again.
  if (terminated) return terminated.exitCode === 0 ? 'Succeeded' : 'Failed';
  return running || restarts > 0 ? 'Running' : 'Pending';
}
