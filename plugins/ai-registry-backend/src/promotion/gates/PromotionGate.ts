import type {
  EnvironmentDefinition,
  GateEvidence,
  GateId,
} from '@greenroom/plugin-ai-registry-common';
import type { GateStepName, PromotionRecord } from '../promotion';
import type { StepContext, StepResult } from '../steps/PromotionStep';
import type { GateConfig } from './GateConfig';

/**
 * `required`: nothing is merged before it passes, somebody with the right overrides it, or, where it
 * cannot tell, a reviewer decides. `report`: what it finds is shown and holds up nothing. `off`: it is
 * not asked.
 */
export type GateMode = 'required' | 'report' | 'off';

/** A check that promotions go through: one file, with its settings and its test, and its line in the list. */
export interface PromotionGate {
  id: GateId;
  title: string;
  /** The step of a promotion that asks it; the name stands in what was written down, and never changes. */
  step: { name: GateStepName; title: string };
  /** A step before it, which gets what it looks at and may take long. */
  prepare?: {
    name: GateStepName;
    title: string;
    run(context: StepContext): Promise<StepResult>;
  };
  /** `until-merged`: what it found may change by itself, and is looked at again until the merge. */
  when: 'once' | 'until-merged';
  /** No setting weakens it, and nobody overrides it. */
  isAbsolute?: boolean;
  /** How it is asked where the settings do not say. */
  defaultMode: GateMode;
  /** Of a rollback: as of a promotion, for the record only, or not at all. The way back is short. */
  ofRollback: 'as-set' | 'report' | 'off';
  /** Shown only once it had something to say: most promotions are not about it. */
  isOnDemand?: boolean;
  /** Asks it of a version that serves, after its rollout; undefined for a gate that cannot be. */
  verify?(context: StepContext): Promise<GateFinding>;
  /**
   * Reads its settings, with defaults for what is left out.
   *
   * @returns undefined where they leave nothing to ask: promotions do not have it then
   * @throws InputError that names the first setting that is wrong
   */
  configure(config: GateConfig, place: GateEnvironment): GateCheck | undefined;
}

/** Where a gate is configured for. */
export interface GateEnvironment {
  /** Undefined for one that is not configured any more. */
  environment: EnvironmentDefinition | undefined;
  /** Of its settings, for messages. */
  key: string;
}

/** A gate with its settings of an environment. It may be asked again at any time. */
export interface GateCheck {
  check(context: StepContext): Promise<GateFinding>;
}

/** It has looked. */
export interface GateVerdict {
  /** `undecided`: it cannot tell, and a reviewer has to. */
  status: 'passed' | 'failed' | 'skipped' | 'undecided';
  /** One sentence for people; of a failure, also what to do. */
  summary: string;
  evidence?: GateEvidence;
  learned?: Pick<PromotionRecord, 'checkedHead' | 'planned' | 'strangers'>;
}

/** What a gate found out. */
export type GateFinding =
  | GateVerdict
  | {
      /** Time has to pass: nothing else waits for it, and it is asked again. */
      status: 'waiting';
      summary: string;
      /** When it passes, as far as that is known; ISO 8601. */
      until?: string;
      evidence?: GateEvidence;
    }
  /** What it needs is being made: the step is taken again. */
  | {
      status: 'under-way';
      waitingFor: string;
      /** When it is worth asking, as far as that is known; ISO 8601. */
      until?: string;
    }
  /** The promotion is not about it, for this reason in a sentence: it is not shown. */
  | { status: 'not-asked'; because: string };
