import type { KubernetesObject } from '@kubernetes/client-node';

/** Of a Workload, as Kueue tells it. */
export interface WorkloadCondition {
  type: string;
  status: string;
  /** One word. */
  reason?: string;
  message?: string;
}

/** What Kueue makes of each Job, as far as it is read. */
export interface Workload extends KubernetesObject {
  spec?: {
    /** Name of its LocalQueue. */
    queueName?: string;
    /** Greater ones come first. */
    priority?: number;
    /** Whether Kueue may let it run at all. */
    active?: boolean;
  };
  status?: {
    conditions?: WorkloadCondition[];
    /** Of an attempt that did not start in time: when it is tried again. */
    requeueState?: { count?: number; requeueAt?: string };
    admissionChecks?: { name: string; state: string; message?: string }[];
  };
}

/** Undefined where it is not so. */
export function workloadCondition(
  workload: Workload | undefined,
  type: string,
  status = 'True',
): WorkloadCondition | undefined {
  return workload?.status?.conditions?.find(
    one => one.type === type && one.status === status,
  );
}
