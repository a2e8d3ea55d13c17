import type { BundleFile } from '@greenroom/bundle-file';
import type {
  AttemptEnd,
  JobPriority,
  JobResources,
  ParameterValue,
  StartReason,
  TemplateProgram,
} from '@greenroom/plugin-ai-training-common';

/** Which try of which job. */
export interface AttemptId {
  /** UUID of the job. */
  job: string;
  /** 1, 2, ... */
  number: number;
}

/** What an attempt is to run. Never changes: asked for twice it is the same. */
export interface WantedAttempt extends AttemptId {
  program: TemplateProgram;
  /** Digest of the packed folder (tar, gzip) that the command runs in. */
  sourceDigest: string;
  parameters: Record<string, ParameterValue>;
  /** Files are put below `GREENROOM_DATASET_<NAME>`. */
  datasets: readonly {
    name: string;
    digest: string;
    files: readonly BundleFile[];
  }[];
  resources: JobResources;
  /** Seconds that the program may still run. */
  deadlineSeconds: number;
  /** Whether what an earlier attempt has put into `GREENROOM_CHECKPOINTS` is there. */
  checkpoints: boolean;
  /** Id of the job whose checkpoints are there at the start; undefined for its own. */
  resumeOf?: string;
  /** Of the run, its experiment and the model: `MLFLOW_RUN_ID` and so on, without the token. */
  environment: Record<string, string>;
  /** For labels of what is made. */
  run: string;
  team: string;
  template: string;
  /** For a queue that the backend has itself. */
  priority: JobPriority;
}

/** What is known of an attempt. */
export interface ObservedAttempt extends AttemptId {
  state:
    | { phase: 'starting'; reason: StartReason }
    /** `startedAt` by the clock of what it runs on; ISO 8601. */
    | { phase: 'running'; startedAt: string; usage?: AttemptUsage }
    | { phase: 'ended'; end: AttemptEnd; startedAt?: string };
}

/** Of all its programs together, now. */
export interface AttemptUsage {
  /** Processors that are busy: 1.5 is one and a half. */
  cpuCores?: number;
  memoryBytes?: number;
  /** Each of its GPUs, those of its first program first. */
  gpus?: readonly GpuUsage[];
}

/** Of one GPU, now. */
export interface GpuUsage {
  /** 0 to 100. */
  utilizationPercent?: number;
  memoryBytes?: number;
}

/** Bytes of what an attempt has written. */
export interface LogPart {
  bytes: Buffer;
  /** Where `bytes` begins: after what was asked for, if that is not kept any more. */
  fromByte: number;
  /** Whether there is nothing after it, and nothing will come. */
  isEnd: boolean;
}

/**
 * Runs attempts. All of it may be asked again: what was done is not done twice. Nothing here waits for
 * a program; who asks looks again later.
 */
export interface TrainingBackend {
  /** As jobs name it. */
  readonly name: string;

  /** Flavor of jobs that name none. */
  readonly defaultFlavor: string;
  /** A sentence for whoever runs it, such as that what decides there does not answer; undefined where all is well. */
  readonly problem?: string;

  /**
   * How many of each flavor there are for training, by name. A flavor that is not there is not had; undefined is
   * known to nobody, and then only quotas bound it.
   *
   * @throws BackendAwayError
   */
  capacity(): Promise<Map<string, number | undefined>>;

  /**
   * Why a job cannot run here at all, such as a missing image; undefined where it can.
   */
  problemWith(
    wanted: Pick<WantedAttempt, 'program' | 'resources'>,
  ): string | undefined;

  /**
   * Begins an attempt, or leaves the one that there is.
   *
   * @param token - what the program calls the control plane with; valid while the attempt lasts, renewed without a word
   * @throws BackendAwayError when it is not known whether it began
   */
  start(wanted: WantedAttempt, token: string): Promise<void>;

  /**
   * Ends it: the program is told, and has `graceSeconds` for a checkpoint. Nothing where there is none. Its end is what
   * the program made of it, such as a signal or an exit code; whoever asked knows why.
   */
  stop(id: AttemptId, options: { graceSeconds: number }): Promise<void>;

  /**
   * All attempts that there is something of, also those that have ended and are not released.
   *
   * @throws BackendAwayError when nothing is known of any
   */
  observe(): Promise<ObservedAttempt[]>;

  /**
   * What it has written from a byte on, at most `mostBytes`; of several programs, of the first one, and once they have
   * ended the last lines of the one that has failed after it. Empty where there is nothing yet;
   * of an attempt that is not there, nothing comes: that is its end.
   */
  readLog(
    id: AttemptId,
    options: { fromByte: number; mostBytes: number },
  ): Promise<LogPart>;

  /** Removes all that is left of an attempt that has ended and was read. Checkpoints stay. */
  release(id: AttemptId): Promise<void>;

  /** Removes a job's checkpoints. */
  forget(job: string): Promise<void>;

  /** Gives up what it holds; what runs elsewhere goes on. */
  close(): Promise<void>;
}

/** What runs attempts did not answer, or not in time. */
export class BackendAwayError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'BackendAwayError';
  }
}

/** It will never begin as it is wanted; `message` is a sentence that says what to change. */
export class AttemptRefusedError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'AttemptRefusedError';
  }
}
