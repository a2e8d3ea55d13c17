import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { shorten } from './shorten';

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

/** What keeps a pod from running, in a sentence; undefined while all is well or only takes its time. */
export function describePod(pod: V1Pod): string | undefined {
  const who = `pod ${pod.metadata?.name}`;
  const { status } = pod;
  if (status?.phase === 'Failed') {
    return `${who} has failed: ${shorten(
      status.message ?? status.reason ?? 'the cluster does not say why',
    )}`;
  }
  const unscheduled = status?.conditions?.find(
    one => one.type === 'PodScheduled' && one.status === 'False',
  );
  if (unscheduled) {
    return `no node has room for ${who}: ${shorten(
      unscheduled.message ?? unscheduled.reason ?? '',
    )}`;
  }
  const containers = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ].filter(({ state }) => state?.terminated?.exitCode !== 0);
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
    }${ended.message ? `: ${shorten(ended.message)}` : ''}`;
  if (state?.terminated) return how;
  if (reason === undefined || ORDINARY.includes(reason)) return undefined;
  const what = WAITING[reason] ?? reason;
  const details = reason === 'CrashLoopBackOff' ? how : message;
  return details ? `${what}: ${shorten(details)}` : what;
}
