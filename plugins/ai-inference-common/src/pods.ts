/**
 * How a pod is:
 *
 * - `starting`: it does not run yet
 * - `ready`: callers are sent to it
 * - `not-ready`: it runs, and callers are not sent to it
 * - `ending`: it answers what is in flight, and ends
 * - `failed`, `ended`: it runs no more
 */
export type PodState =
  | 'starting'
  | 'ready'
  | 'not-ready'
  | 'ending'
  | 'failed'
  | 'ended';

/** A pod that runs a data plane of an environment, or a model server beside it. Times are ISO 8601. */
export interface DataPlanePod {
  name: string;
  /** Name of the model server that it runs; undefined for a data plane. */
  server?: string;
  /** Undefined while no node has room for it. */
  node?: string;
  state: PodState;
  /** Since when it is in its state; undefined where the cluster does not say it. */
  since?: string;
  /** How often its process was started again. */
  restarts: number;
  image: string;
  /** What it asks its node for, by resource, as Kubernetes writes it: `{ cpu: '500m', memory: '4Gi' }`. */
  requests: Record<string, string>;
  /** Why it is not ready, in a sentence, where that is known. */
  reason?: string;
}

/** What the cluster has told of a pod or of what makes pods. */
export interface PodEvent {
  type: 'Normal' | 'Warning';
  /** In one word of the cluster's own, such as `FailedScheduling`. */
  reason: string;
  message: string;
  /** What it is about, such as `Pod greenroom-live-5d9c7-x2v4k`. */
  about: string;
  /** How often it was told. */
  count: number;
  /** ISO 8601. */
  lastSeenAt: string;
}

/** What runs in the cluster for an environment. */
export interface EnvironmentPods {
  /** Those that the cluster has told of last, the oldest first. */
  pods: DataPlanePod[];
  /** The newest first, each once. */
  events: PodEvent[];
  /** Whether there are older events, or more than were looked through. */
  hasMoreEvents: boolean;
  /** Why nothing is known of events, in a sentence; pods are as they were known last. */
  problem?: string;
}

/** What was put right of what somebody else has changed in a cluster. */
export interface DataPlaneRepair {
  /** A sentence each; none where nothing differed any more. */
  repaired: string[];
}

/** The newest lines that a pod's process has written. */
export interface PodLog {
  pod: string;
  text: string;
  /** Whether older lines of those that were asked for are left out, since they are too long together. */
  isCut: boolean;
}
