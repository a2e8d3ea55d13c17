import type {
  EnvironmentPods,
  ModelServerRun,
  PodLog,
} from '@greenroom/plugin-ai-inference-common';

/** What an environment's deployer has made to run, and how far that is. */
export type DeployedState =
  /** Whoever runs the portal starts data planes; nothing is known of it here. */
  | { state: 'unmanaged' }
  | { state: 'stopped' }
  | {
      state: 'starting';
      since: string;
      /** What it waits for, in a sentence, where that is known. */
      problem?: string;
      servers?: ModelServerRun[];
      drift?: string[];
    }
  | {
      state: 'running';
      since: string;
      publicUrl: string;
      /** Where it is several: how many are wanted, and how many answer. */
      replicas?: { wanted: number; ready: number };
      /** Model servers beside it; undefined where there are none. */
      servers?: ModelServerRun[];
      /** What is not as it should be, in a sentence, although it answers. */
      problem?: string;
      /** What somebody else has changed, and is left so: a sentence each. */
      drift?: string[];
    }
  /** Answers what is in flight, and ends. */
  | { state: 'stopping'; since: string; servers?: ModelServerRun[] }
  /** It ended, or did not come up, and is started again at `nextTryAt`. */
  | {
      state: 'failing';
      since: string;
      reason: string;
      /** How often it was tried since it last ran well. */
      attempts: number;
      nextTryAt: string;
      servers?: ModelServerRun[];
    };

/** Which of a pod's lines are read. */
export interface PodLogQuery {
  environment: string;
  pod: string;
  tailLines: number;
  /** Of the process that ran before the last restart. */
  previous: boolean;
}

/** Shows what a cluster runs for environments. Answers in time, or throws. */
export interface PodReader {
  /** @throws ServiceUnavailableError while nothing is known of the environment's pods */
  list(environment: string): Promise<EnvironmentPods>;

  /**
   * @throws NotFoundError where the environment has no such pod
   * @throws ConflictError where the pod has no such log, with the cluster's words
   * @throws ServiceUnavailableError where the cluster does not give it
   */
  log(query: PodLogQuery): Promise<PodLog>;
}

/** Makes the data plane of an environment run, or not, wherever that is. */
export interface Deployer {
  /** Whether it starts data planes at all. */
  readonly isManaging: boolean;

  /**
   * Whether what it has made to run goes on when this process ends, and is looked after by whoever
   * takes the environment over.
   */
  readonly outlivesControlPlane: boolean;

  /** Undefined where no cluster runs them. */
  readonly pods?: PodReader;

  /** Calls back whenever a state has changed by itself, so that it need not be waited for. */
  onChanged(listener: () => void): void;

  /**
   * Brings what runs for the environment a step nearer to what is wanted, and says how far it is.
   * Called again and again by the one process that looks after the environment. Answers soon:
   * what takes time goes on by itself.
   *
   * @throws only for an environment that it does not know
   */
  reconcile(request: {
    environment: string;
    wanted: boolean;
  }): Promise<DeployedState>;

  /**
   * Puts right, once, what somebody else has changed and is left so. Undefined where nobody else can.
   *
   * @returns what was put right, a sentence each
   * @throws Error with the words of where it runs, which did not take it
   */
  repair?(environment: string): Promise<string[]>;

  /**
   * This process ends: what cannot outlive it is stopped, in order. Nothing is started from here
   * on. Resolves when that has ended; again at once.
   */
  stop(): Promise<void>;
}
