import type { CandidateDrift } from '@greenroom/plugin-ai-monitoring-common';
import type { ReferenceValue } from '@greenroom/plugin-ai-registry-common';

/** Knows what callers ask a deployed model. */
export interface Traffic {
  /** The last rows that a version answered, newest first; empty where none are kept. */
  recentRows(where: TrafficPlace): Promise<AnsweredRow[]>;
  /** What the version was asked in the last day, against the rows that a candidate was registered with. */
  driftFor(
    candidate: number,
    where: TrafficPlace,
  ): Promise<
    Pick<
      CandidateDrift,
      'rows' | 'referenceRows' | 'leftOut' | 'report' | 'reason'
    >
  >;
}

export interface TrafficPlace {
  environment: string;
  model: string;
  /** The one that runs. */
  version: number;
  signal: AbortSignal;
}

/** A row with what callers got. */
export interface AnsweredRow {
  /** In the order of the features of the version's schema. */
  features: ReferenceValue[];
  prediction?: number | string;
}
