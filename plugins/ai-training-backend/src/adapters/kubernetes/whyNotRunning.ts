import { shorten } from '@greenroom/cluster-client';
import type { StartReason } from '@greenroom/plugin-ai-training-common';
import type { CoreV1Event, V1Job, V1Pod } from '@kubernetes/client-node';
import { FETCH_CONTAINER } from './objects/containers';
import {
  millisOf,
  podCondition,
  startOf,
  statusOf,
  trainerOf,
} from './readStatus';

const IMAGE_REASONS: Record<string, string> = {
  ErrImagePull: 'its image cannot be pulled',
  ImagePullBackOff: 'its image cannot be pulled',
  InvalidImageName: 'its image has no valid name',
  ErrImageNeverPull: 'its image is not on the node, and is never pulled',
  RegistryUnavailable: 'the registry of its image does not answer',
};
/** What every pod goes through. */
const ORDINARY = ['ContainerCreating', 'PodInitializing'];

/** What an attempt waits for whose programs do not all run; what keeps it for longest is told. */
export function whyNotRunning({
  job,
  pods,
  events = [],
  queue,
  trouble,
}: {
  job: V1Job;
  pods: readonly V1Pod[];
  events?: readonly CoreV1Event[];
  queue?: StartReason;
  trouble?: string;
}): StartReason {
  if (job.spec?.suspend && queue) return queue;
  const reasons = pods.flatMap(pod => reasonOf(pod) ?? []);
  // The one that keeps it for longest is told.
  const kinds = ['image-not-pulled', 'unschedulable', 'waiting', 'preparing'];
  const worst = kinds.flatMap(kind =>
    reasons.filter(reason => reason.kind === kind),
  );
  const [reason = reasons[0]] = worst;
  if (reason) return reason;
  const refused = events
    .filter(({ type }) => type === 'Warning')
    .sort((a, b) => timeOf(b) - timeOf(a))
    .at(0);
  if (pods.length === 0 && refused?.message) {
    return {
      kind: 'waiting',
      message: `the cluster makes no pod: ${shorten(refused.message)}`,
    };
  }
  if (trouble !== undefined) return { kind: 'waiting', message: trouble };
  if (job.spec?.suspend) {
    return { kind: 'waiting', message: 'its Job is suspended' };
  }
  return { kind: 'creating' };
}

/** Undefined where it runs, or has run. */
function reasonOf(pod: V1Pod): StartReason | undefined {
  if (startOf([pod]) !== undefined) return undefined;
  const unscheduled = podCondition(pod, 'PodScheduled', 'False');
  if (unscheduled) {
    return {
      kind: 'unschedulable',
      message: `no node has room: ${shorten(
        unscheduled.message ?? unscheduled.reason ?? '',
      )}`,
    };
  }
  const fetching = statusOf(pod, FETCH_CONTAINER);
  const trainer = trainerOf(pod);
  for (const status of [fetching, trainer]) {
    const { reason, message } = status?.state?.waiting ?? {};
    if (reason === undefined || ORDINARY.includes(reason)) continue;
    const what = IMAGE_REASONS[reason];
    const words = message ? `: ${shorten(message)}` : '';
    return what === undefined
      ? { kind: 'waiting', message: `${reason}${words}` }
      : { kind: 'image-not-pulled', message: `${what}${words}` };
  }
  if (fetching?.state?.running) {
    return { kind: 'preparing', what: 'code and data' };
  }
  // What is left between a place and the program are images, mostly.
  return pod.spec?.nodeName === undefined
    ? { kind: 'creating' }
    : { kind: 'pulling-image' };
}

function timeOf(event: CoreV1Event): number {
  return millisOf(
    event.series?.lastObservedTime ??
      event.lastTimestamp ??
      event.eventTime ??
      event.metadata.creationTimestamp,
  );
}
