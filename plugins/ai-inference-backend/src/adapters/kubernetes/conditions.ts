import type {
  V1ContainerStatus,
  V1Deployment,
  V1Pod,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';

/** Reasons for which a container waits, and what they mean. Others are told as they are. */
const WAITING: Record<string, string> = {
  ErrImagePull: 'its image cannot be pulled',
  ImagePullBackOff: 'its image cannot be pulled',
  InvalidImageName: 'its image has no valid name',
  ErrImageNeverPull: 'its image is not on the node, and is never pulled',
  CreateContainerConfigError: 'what it is configured with is not there',
  CreateContainerError: 'its container cannot be made',
  CrashLoopBackOff: 'it ends again and again',
};
/** What every pod goes through. */
const ORDINARY = ['ContainerCreating', 'PodInitializing'];
const MOST_MESSAGE_CHARACTERS = 400;

/**
 * What keeps a Deployment from being as it is wanted, in a sentence; undefined while all is well or
 * only takes its time.
 *
 * @param pods - of the Deployment
 */
export function describeProblem(
  deployment: V1Deployment,
  pods: readonly V1Pod[],
): string | undefined {
  const { replicas = 1 } = deployment.spec ?? {};
  const isWhole = (deployment.status?.readyReplicas ?? 0) >= replicas;
  const ofPods = pods
    .filter(pod => pod.metadata?.deletionTimestamp === undefined)
    // One that has failed stays for weeks after another one has taken its place.
    .filter(pod => !isWhole || pod.status?.phase !== 'Failed')
    .flatMap(pod => describePod(pod) ?? []);
  return (
    ofPods.at(0) ??
    problemOfDeployment(deployment, 'ReplicaFailure', 'True') ??
    problemOfDeployment(deployment, 'Progressing', 'False')
  );
}

/** What keeps an autoscaler from changing anything, in a sentence; undefined while nothing does. */
export function describeScaling({
  status,
}: V2HorizontalPodAutoscaler): string | undefined {
  const failed = status?.conditions?.find(
    ({ type, status: value }) =>
      (type === 'ScalingActive' || type === 'AbleToScale') && value === 'False',
  );
  return (
    failed &&
    `the cluster does not change how many pods there are: ${short(
      failed.message ?? failed.reason ?? failed.type,
    )}`
  );
}

function problemOfDeployment(
  { status }: V1Deployment,
  type: string,
  value: string,
): string | undefined {
  const condition = status?.conditions?.find(
    one => one.type === type && one.status === value,
  );
  return (
    condition &&
    `the cluster does not make its pods: ${short(
      condition.message ?? condition.reason ?? type,
    )}`
  );
}

/** What keeps a pod from running, in a sentence; undefined while all is well or only takes its time. */
export function describePod(pod: V1Pod): string | undefined {
  const who = `pod ${pod.metadata?.name}`;
  const { status } = pod;
  if (status?.phase === 'Failed') {
    return `${who} has failed: ${short(
      status.message ?? status.reason ?? 'the cluster does not say why',
    )}`;
  }
  const unscheduled = status?.conditions?.find(
    one => one.type === 'PodScheduled' && one.status === 'False',
  );
  if (unscheduled) {
    return `no node has room for ${who}: ${short(
      unscheduled.message ?? unscheduled.reason ?? '',
    )}`;
  }
  const containers = status?.containerStatuses ?? [];
  const why = containers.flatMap(one => problemOfContainer(one) ?? []).at(0);
  return why && `${who} does not run: ${why}`;
}

function problemOfContainer({
  state,
  lastState,
}: V1ContainerStatus): string | undefined {
  const { reason, message } = state?.waiting ?? {};
  const ended = state?.terminated ?? lastState?.terminated;
  const how =
    ended &&
    `it ended with exit code ${ended.exitCode}${
      ended.reason === 'OOMKilled' ? ', since it took more memory' : ''
    }${ended.message ? `: ${short(ended.message)}` : ''}`;
  if (state?.terminated) return how;
  if (reason === undefined || ORDINARY.includes(reason)) return undefined;
  const what = WAITING[reason] ?? reason;
  const details = reason === 'CrashLoopBackOff' ? how : message;
  return details ? `${what}: ${short(details)}` : what;
}

function short(text: string): string {
  return text.length > MOST_MESSAGE_CHARACTERS
    ? `${text.slice(0, MOST_MESSAGE_CHARACTERS)} ...`
    : text;
}
