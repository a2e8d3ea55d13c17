import { describePod, shorten } from '@greenroom/cluster-client';
import type {
  V1Deployment,
  V1Pod,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';

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
    `the cluster does not change how many pods there are: ${shorten(
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
    `the cluster does not make its pods: ${shorten(
      condition.message ?? condition.reason ?? type,
    )}`
  );
}
