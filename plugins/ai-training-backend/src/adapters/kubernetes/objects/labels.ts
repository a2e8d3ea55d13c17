import { FIELD_MANAGER } from '@greenroom/cluster-client';
import type { V1Job } from '@kubernetes/client-node';
import type { AttemptId } from '../../../backends/TrainingBackend';
import { type PlacedAttempt, queueOf } from './PlacedAttempt';

export const INSTALLATION_LABEL = 'greenroom.dev/installation';
const JOB_LABEL = 'greenroom.dev/training-job';
const ATTEMPT_LABEL = 'greenroom.dev/training-attempt';
export const QUEUE_LABEL = 'kueue.x-k8s.io/queue-name';
export const PRIORITY_CLASS_LABEL = 'kueue.x-k8s.io/priority-class';
/** Of which index of its Job a pod is. */
export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';
/** How long the program may run, seconds. */
export const DEADLINE_ANNOTATION = 'greenroom.dev/deadline-seconds';

const COMPONENT = 'training';
const COMPONENT_LABEL = 'app.kubernetes.io/component';
const MOST_LABEL_CHARACTERS = 63;

/** Of the Job and all that belongs to it; at most 63 characters, so that its pods' names are whole. */
export function attemptName({ job, number }: AttemptId): string {
  return `training-${job}-${number}`;
}

/** What finds the Jobs and pods of attempts. */
export function attemptSelector(installation: string): string {
  return `${INSTALLATION_LABEL}=${installation},${COMPONENT_LABEL}=${COMPONENT}`;
}

/** Whose it is, by its labels; undefined where it is of none. */
export function attemptOf(
  labels: Record<string, string> | undefined,
): AttemptId | undefined {
  const job = labels?.[JOB_LABEL];
  const number = Number(labels?.[ATTEMPT_LABEL]);
  return job !== undefined && Number.isInteger(number)
    ? { job, number }
    : undefined;
}

export function commonLabels(installation: string, component: string) {
  return {
    'app.kubernetes.io/name': 'greenroom-training',
    'app.kubernetes.io/managed-by': FIELD_MANAGER,
    [COMPONENT_LABEL]: component,
    [INSTALLATION_LABEL]: installation,
  };
}

export function selectorOf({ wanted }: PlacedAttempt) {
  return {
    [JOB_LABEL]: wanted.job,
    [ATTEMPT_LABEL]: String(wanted.number),
  };
}

export function labelsOf(placed: PlacedAttempt): Record<string, string> {
  const { wanted, installation } = placed;
  return {
    ...commonLabels(installation, COMPONENT),
    ...selectorOf(placed),
    'greenroom.dev/run': toLabel(wanted.run),
    'greenroom.dev/team': toLabel(wanted.team),
    'greenroom.dev/template': toLabel(wanted.template),
    'backstage.io/kubernetes-id': toLabel(wanted.template),
  };
}

export function metadataOf(placed: PlacedAttempt) {
  const { wanted, place } = placed;
  return {
    name: attemptName(wanted),
    namespace: place.namespace,
    labels: labelsOf(placed),
    annotations: {
      'greenroom.dev/team': wanted.team,
      [DEADLINE_ANNOTATION]: String(wanted.deadlineSeconds),
    },
  };
}

/** Whom something goes with. */
export interface Owner {
  apiVersion: string;
  kind: string;
  uid: string;
}

export function ownedMetadata(
  placed: PlacedAttempt,
  { apiVersion, kind, uid }: Owner,
) {
  const { annotations: _, ...metadata } = metadataOf(placed);
  return {
    ...metadata,
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid }],
  };
}

/** Has Kueue decide when it starts; undefined where it does not. */
export function queueLabels(
  placed: PlacedAttempt,
): Record<string, string> | undefined {
  const queue = queueOf(placed);
  if (queue === undefined) return undefined;
  const { wanted, place } = placed;
  const priorityClass = place.kueue?.priorities?.[wanted.priority];
  return {
    [QUEUE_LABEL]: queue,
    ...(priorityClass !== undefined && {
      [PRIORITY_CLASS_LABEL]: priorityClass,
    }),
  };
}

/** Whether Kueue decides when it runs. */
export function isGivenToKueue({ metadata }: V1Job): boolean {
  return metadata?.labels?.[QUEUE_LABEL] !== undefined;
}

/** For people who look for it: a label has no slashes or colons. */
function toLabel(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, MOST_LABEL_CHARACTERS)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
