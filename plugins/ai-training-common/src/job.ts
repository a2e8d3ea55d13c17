import type {
  JobPriority,
  JobResources,
  ParameterValue,
  TemplateSpec,
} from './template';

/** Why a job waits. */
export type QueueReason =
  /** It has just come, and is looked at next. */
  | { kind: 'new' }
  /** Others are before it; 1 is the next one of its flavor. */
  | { kind: 'behind-others'; position: number; flavor: string }
  /** It is next, and what it needs is in use. */
  | {
      kind: 'no-capacity';
      flavor: string;
      needs: number;
      free: number;
      position: number;
    }
  /** Its team has what it is due, and others need the rest. */
  | {
      kind: 'over-quota';
      flavor: string;
      team: string;
      needs: number;
      used: number;
      /** What its team may use at most: its own and what it may borrow. */
      most: number;
      position: number;
    }
  /** It can never start as it is: more than there is, or than its team may ever use. */
  | {
      kind: 'never-fits';
      flavor: string;
      needs: number;
      most: number;
      limit: 'capacity' | 'quota';
    }
  /** No such flavor is configured, or the backend does not have it. */
  | { kind: 'no-flavor'; flavor: string }
  /** It had to make room for a job whose team was owed it. */
  | { kind: 'preempted'; by: string; position: number }
  /** It is tried again then; what ended the last attempt is in the attempt. */
  | { kind: 'retry-pause'; until: string }
  /** What runs jobs does not answer. */
  | { kind: 'backend-away'; message: string }
  /** Its team's money for the month is used up. */
  | {
      kind: 'no-budget';
      team: string;
      amount: number;
      spent: number;
      currency: string;
    };

/** Why a job that was let start does not run yet. */
export type StartReason =
  | { kind: 'creating' }
  /** Code, data, or the Python environment are being put there. */
  | { kind: 'preparing'; what: string }
  | { kind: 'pulling-image' }
  | { kind: 'image-not-pulled'; message: string }
  | { kind: 'unschedulable'; message: string }
  /** Whatever else the backend says. */
  | { kind: 'waiting'; message: string }
  /** Kueue lets it go when it is its turn. */
  | {
      kind: 'kueue';
      /** Name of its LocalQueue. */
      queue: string;
      /** In the LocalQueue; 1 is the next one. Undefined where nobody knows. */
      position?: number;
      /** How many wait before it for the same quotas, those of other LocalQueues among them. */
      before?: number;
      /** Whether the position was counted from what waits, since Kueue did not say it. */
      isEstimate?: true;
      /** In words, Kueue's own among them. */
      message?: string;
    };

/** Why a job is being ended. */
export type StopReason =
  | { kind: 'cancelled'; by: string }
  | { kind: 'preempted'; by: string }
  | { kind: 'deadline'; minutes: number }
  /** It did not begin in time; what it waited for. */
  | { kind: 'start-timeout'; minutes: number; reason: StartReason }
  | {
      kind: 'no-budget';
      team: string;
      amount: number;
      spent: number;
      currency: string;
    };

/** How an attempt ended, apart from being stopped by us. */
export type AttemptEnd =
  | { kind: 'succeeded' }
  | {
      kind: 'program-failed';
      /** Undefined where a signal ended it. */
      exitCode?: number;
      signal?: string;
      /** The last lines that it wrote, cut. */
      lastLines: string;
    }
  | { kind: 'out-of-memory'; limitBytes?: number }
  | { kind: 'disk-full'; message: string }
  /** Its node was drained, or went to something more important. */
  | { kind: 'evicted'; message: string }
  | { kind: 'image-not-pulled'; message: string }
  | { kind: 'not-started'; message: string }
  /** It can never begin as it is: what to change. */
  | { kind: 'refused'; message: string }
  /** It was there, and is not any more: nobody saw how it ended. */
  | { kind: 'lost'; message: string }
  | { kind: 'stopped'; why: StopReason };

/** Where a job stands. */
export type JobState =
  | { phase: 'queued'; since: string; reason: QueueReason }
  | { phase: 'starting'; since: string; reason: StartReason }
  | { phase: 'running'; since: string }
  | { phase: 'stopping'; since: string; why: StopReason }
  | { phase: 'succeeded'; since: string }
  | { phase: 'failed'; since: string; end: AttemptEnd }
  | { phase: 'cancelled'; since: string; by: string };

export type JobPhase = JobState['phase'];

export const JOB_PHASES: readonly JobPhase[] = [
  'queued',
  'starting',
  'running',
  'stopping',
  'succeeded',
  'failed',
  'cancelled',
];

/** Whether Kueue holds it: it was let go here, and has nothing until Kueue lets it go, too. */
export function isHeldByKueue(state: JobState): boolean {
  return state.phase === 'starting' && state.reason.kind === 'kueue';
}

/** Nothing happens in these any more. */
export const ENDED_PHASES: readonly JobPhase[] = [
  'succeeded',
  'failed',
  'cancelled',
];

/** Attempts that ended so had no program that could write a checkpoint. */
const ENDS_BEFORE_BEGINNING: readonly AttemptEnd['kind'][] = [
  'image-not-pulled',
  'not-started',
  'refused',
];

/** Whether the program of a job has begun, as far as is known: one that ended at once was not seen running. */
export function hasBegun({ attempts }: Pick<TrainingJob, 'attempts'>): boolean {
  return attempts.some(({ runningAt, end }) => {
    if (runningAt !== undefined) return true;
    if (end === undefined) return false;
    return end.kind === 'stopped'
      ? end.why.kind !== 'start-timeout'
      : !ENDS_BEFORE_BEGINNING.includes(end.kind);
  });
}

/** A dataset as a job reads it: nothing of it changes. */
export interface JobDataset {
  name: string;
  dataset: string;
  version: number;
  digest: string;
  /** Its file with rows; undefined where it lies somewhere else. */
  file?: { path: string; digest: `sha256:${string}`; sizeBytes: number };
  /** Where it lies, if that is not here: the program fetches it itself. */
  uri?: string;
}

/** What a program says of how far it is, in the words of Kubeflow Trainer's `trainerStatus`. */
export interface TrainerStatus {
  /** 0 to 100, whole. */
  progressPercentage?: number;
  estimatedRemainingSeconds?: number;
  /** Newest values, at most 256, with at most 16384 characters together. */
  metrics?: { name: string; value: string }[];
  /** ISO 8601. */
  lastUpdatedTime: string;
}

/** Money, as the price of a flavor was when the attempt began. */
export interface Cost {
  amount: number;
  currency: string;
}

/** One try of a job. */
export interface JobAttempt {
  /** 1, 2, ... */
  number: number;
  /** When it was let start, ISO 8601. */
  startedAt: string;
  /** When its program began, ISO 8601. */
  runningAt?: string;
  /** Since when Kueue holds it, ISO 8601: it has nothing meanwhile. */
  heldAt?: string;
  /** For how long Kueue has held it after its program began, each time that is over; undefined for not at all. */
  heldSeconds?: number;
  endedAt?: string;
  end?: AttemptEnd;
  /** Path of its log among the run's artifacts, once it has ended. */
  logPath?: string;
  /** How much it wrote, also what of it was not kept. */
  logBytes?: number;
}

/** A training run that the platform runs: each has a run of the experiment. */
export interface TrainingJob {
  /** UUID. */
  id: string;
  /** Id of the run that its program logs to. */
  run: string;
  /** Id of the experiment. */
  experiment: string;
  /** For people; the run's name, too. */
  name: string;
  /** Name of the template. */
  template: string;
  /** As it was when the job was submitted. */
  spec: TemplateSpec;
  revision: string;
  sourceDigest: string;
  parameters: Record<string, ParameterValue>;
  datasets: JobDataset[];
  resources: JobResources;
  priority: JobPriority;
  deadlineMinutes: number;
  /** Entity ref; its quota and budget count. */
  team: string;
  /** Name of what runs it: `local`, or a cluster. */
  backend: string;
  state: JobState;
  attempts: JobAttempt[];
  progress?: TrainerStatus;
  /** Undefined where its flavor has no price, or attempts had prices in several currencies. */
  cost?: Cost;
  submittedAt: string;
  /** Entity ref of a person, or `service:<name>`. */
  submittedBy: string;
  /** Id of the job that this one was made after. */
  cloneOf?: string;
  /** Id of the job whose checkpoints it begins with. */
  resumeOf?: string;
}

export interface NewJob {
  /** Name of the template. */
  template: string;
  name?: string;
  parameters?: Record<string, ParameterValue>;
  /** Versions of datasets by the template's names for them. */
  datasets?: Record<string, number>;
  resources?: Partial<JobResources>;
  priority?: JobPriority;
  deadlineMinutes?: number;
  /** Entity ref; the template's owner where nothing is said. */
  team?: string;
  /** `local`, or the name of a cluster; the default one where nothing is said. */
  backend?: string;
  /** Id of a job that it is made after: what is not said is as it was there. */
  cloneOf?: string;
  /** Id of a job whose checkpoints it begins with: what is not said is as it was there, so that they fit. */
  resumeOf?: string;
  /**
   * Of the caller's: asked twice with the same one, the job that there is comes back; what asks for another job under it
   * is a conflict. At most 100 characters.
   */
  requestId?: string;
}

export interface JobQuery {
  phase?: JobPhase[];
  team?: string;
  template?: string;
  experiment?: string;
  /** 1 to 200; 50 when it is not named. */
  limit?: number;
  cursor?: string;
}

/** The one that was submitted last first. */
export interface JobPage {
  /** Without the metrics of their progress, which {@link TrainingJob} has where it is read by itself. */
  items: TrainingJob[];
  nextCursor?: string;
}

/** Something that happened to a job. */
export interface JobEvent {
  /** Grows with each event of all jobs. */
  id: number;
  /** ISO 8601. */
  at: string;
  attempt?: number;
  state: JobState;
}

/** How much of a flavor there is, and who has it. */
export interface FlavorUse {
  flavor: string;
  title: string;
  backend: string;
  /** Undefined where nobody knows. */
  capacity?: number;
  /** By running and starting jobs. */
  used: number;
  queued: number;
  /** For jobs that were let go here and that Kueue holds: they have nothing yet, and are not among the used. */
  held: number;
  pricePerHour?: Cost;
  /** Why it is not known what there is; undefined where it is. */
  problem?: string;
  teams: {
    team: string;
    /** Whether it has a quota of the flavor. Without one it has nothing of its own, may borrow all, and weighs 1. */
    hasQuota: boolean;
    nominal: number;
    /** Most that it may have beyond its own; undefined: no limit. */
    borrow?: number;
    weight: number;
    used: number;
    queued: number;
    held: number;
  }[];
}

/** Of what data planes pass on: id of the caller's key. */
export const KEY_ID_HEADER = 'X-Greenroom-Key-Id';
/** Of what data planes pass on: entity ref of the owner of the caller's key. */
export const KEY_OWNER_HEADER = 'X-Greenroom-Key-Owner';
