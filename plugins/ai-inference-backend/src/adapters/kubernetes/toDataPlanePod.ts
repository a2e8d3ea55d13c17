import { describePod } from '@greenroom/cluster-client';
import type {
  DataPlanePod,
  PodState,
} from '@greenroom/plugin-ai-inference-common';
import type { V1Container, V1ObjectMeta, V1Pod } from '@kubernetes/client-node';
import { SERVER_CONTAINER } from './modelServer/container';
import { MODEL_SERVER_LABEL } from './modelServer/WantedModelServer';

/** Of data planes, and of model servers. */
const CONTAINERS = ['data-plane', SERVER_CONTAINER];

/** A pod as it is shown: what the cluster says of it. */
export function toDataPlanePod(pod: V1Pod): DataPlanePod {
  const { metadata, spec, status } = pod;
  const container = containerOf(pod);
  const state = stateOf(pod);
  const since = sinceOf(pod, state);
  const server = metadata?.labels?.[MODEL_SERVER_LABEL];
  const reason =
    describePod(pod) ?? (state === 'not-ready' ? unready(pod) : undefined);
  return {
    name: metadata?.name ?? '',
    ...(server !== undefined && { server }),
    ...(spec?.nodeName !== undefined && { node: spec.nodeName }),
    state,
    ...(since !== undefined && { since: since.toISOString() }),
    restarts:
      status?.containerStatuses?.find(({ name }) => name === container?.name)
        ?.restartCount ?? 0,
    image: container?.image ?? '',
    requests: container?.resources?.requests ?? {},
    ...(reason !== undefined && { reason }),
  };
}

/** Its own; a service mesh may have put others beside it. */
export function containerOf({ spec }: V1Pod): V1Container | undefined {
  const containers = spec?.containers ?? [];
  return (
    containers.find(({ name }) => CONTAINERS.includes(name)) ?? containers.at(0)
  );
}

function stateOf({ metadata, status }: V1Pod): PodState {
  if (status?.phase === 'Failed') return 'failed';
  if (status?.phase === 'Succeeded') return 'ended';
  if (metadata?.deletionTimestamp !== undefined) return 'ending';
  if (readyOf(status)?.status === 'True') return 'ready';
  return status?.phase === 'Running' ? 'not-ready' : 'starting';
}

function readyOf(status: V1Pod['status']) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

function sinceOf(pod: V1Pod, state: PodState): Date | undefined {
  const since = changedAt(pod, state);
  // What a watch tells is JSON, whose times are text.
  return since && new Date(since);
}

function changedAt(
  { metadata, status }: V1Pod,
  state: PodState,
): Date | undefined {
  const ready = readyOf(status)?.lastTransitionTime;
  const ended =
    status?.containerStatuses?.at(0)?.state?.terminated?.finishedAt ?? ready;
  return {
    starting: metadata?.creationTimestamp,
    ready,
    'not-ready': ready,
    ending: metadata && endingSince(metadata),
    failed: ended,
    ended,
  }[state];
}

/** The cluster says by when it has to have ended. */
function endingSince(metadata: V1ObjectMeta): Date | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  return (
    deletionTimestamp &&
    new Date(
      new Date(deletionTimestamp).getTime() -
        deletionGracePeriodSeconds * 1_000,
    )
  );
}

function unready(pod: V1Pod): string {
  const loaded =
    containerOf(pod)?.name === SERVER_CONTAINER
      ? 'its models are loaded'
      : 'it has its snapshot';
  return `pod ${pod.metadata?.name} runs and is not ready: it says so as soon as ${loaded}`;
}
