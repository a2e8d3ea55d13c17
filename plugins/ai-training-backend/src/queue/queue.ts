import type {
  JobPriority,
  QueueReason,
} from '@greenroom/plugin-ai-training-common';

/** A job as the queue sees it: one that waits, or one that has units of a flavor. */
export interface QueueJob {
  id: string;
  /** Name of what runs it. */
  backend: string;
  flavor: string;
  /** How many of the flavor it needs in all, nodes times count: a whole number from 1 on. */
  units: number;
  /** Entity ref. */
  team: string;
  priority: JobPriority;
  /** Stays as it is when the job is tried again. */
  submittedAtMillis: number;
  /** Grows with each job; decides between two of the same millisecond. */
  sequence: number;
  /** Whether it may be stopped for a team that is owed what it has. */
  preemptible: boolean;
  state:
    | {
        phase: 'queued';
        /** Id of the job that it made room for, if that ended its last attempt. */
        preemptedBy?: string;
      }
    | { phase: 'starting' | 'running'; startedAtMillis: number }
    /** It has its units until it is gone, and is not asked to stop again. */
    | { phase: 'stopping' };
}

/** What a team may use of a flavor, on all backends together. */
export interface TeamQuota {
  /** Entity ref. */
  team: string;
  flavor: string;
  /** Units that are its own: it gets them back from those who borrow. */
  nominal: number;
  /** Most that it may use beyond its own; undefined for no limit. */
  borrow?: number;
  /** How much it gets of what is borrowed, beside the others; above 0. */
  weight: number;
}

/** By backend, then by flavor. A flavor that is not there is not had; undefined is known to nobody. */
export type QueueCapacity = ReadonlyMap<
  string,
  ReadonlyMap<string, number | undefined>
>;

export interface QueueSettings {
  /** Since its submission; after it, what a job needs is kept free for it once it is next. */
  reserveAfterMillis: number;
  /** How much later a job may come for each level of priority that it is above another one, and still go first. */
  millisPerPriority: number;
}

export const DEFAULT_QUEUE_SETTINGS: QueueSettings = {
  reserveAfterMillis: 10 * 60_000,
  millisPerPriority: 60 * 60_000,
};

export interface QueueDecision {
  /** Ids of the jobs to start now, in the order of the decision. */
  starts: string[];
  /** Jobs to stop, each for a job that waits for its units: ids. */
  preemptions: { job: string; by: string }[];
  /** Of each queued job that does not start, by its id. */
  reasons: Map<string, QueueReason>;
}
