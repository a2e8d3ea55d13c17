import type { Environment } from '@greenroom/plugin-ai-registry-common';

/** Knows what the data planes serve, as opposed to what Git asks for. */
export interface ServingState {
  /** Undefined when nothing is known of the model there, or nobody can tell. */
  find(place: {
    environment: Environment;
    model: string;
  }): Promise<Serving | undefined>;
}

/** What serves a model in an environment. */
export interface Serving {
  /** Commit of the manifest that was acted on last. */
  commit: string;
  /** Versions with their share of the traffic, in percent. */
  variants: { version: number; weightPercent: number }[];
  /** Data planes of the environment that are online. */
  dataPlanes: number;
  /** Whether one is started there when it is needed: then it is worth waiting for. */
  onDemand: boolean;
  /**
   * `serving`: the wanted version has all traffic; `moving`: the plan is on its way;
   * `waiting`: something holds it up; `degraded`: it serves, but not everywhere; `asleep`: its
   * data plane does not run, since nobody needs it; `paused`: somebody has to go on; `rejected`: it
   * was judged and taken back.
   */
  state:
    | 'serving'
    | 'moving'
    | 'waiting'
    | 'degraded'
    | 'asleep'
    | 'paused'
    | 'rejected';
  /** Why it is not serving everywhere, in a sentence. */
  reason?: string;
  /** What people did with the rollout of `commit`, and what was decided about it, oldest first; empty while there is none. */
  acts: RolloutAct[];
}

/** An act of steering, or a decision of the analysis or of a brake. */
export interface RolloutAct {
  /** ISO 8601. */
  at: string;
  /** Entity ref, `analysis` or `brake`. */
  by: string;
  /** A sentence for people, with the numbers that it was decided by. */
  note: string;
}
