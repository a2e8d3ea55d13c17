import type {
  DecisionEvidence,
  RolloutPause,
  RolloutProblem,
} from '@greenroom/plugin-ai-inference-common';
import type { SeenDataPlane } from '../dataPlanes/loadProgress';
import type { TrafficSplit } from '../deployments/trafficSplit';
import type { AnalysisReading } from './AnalysisSource';
import type { RolloutRecord } from './rollout';

/** What a rollout is decided by. */
export interface RolloutSituation {
  rollout: RolloutRecord;
  split: TrafficSplit;
  /** Version whose rollout was completed last; what the traffic comes from, and goes back to. */
  provenVersion?: number;
  /** Of the environment. */
  dataPlanes: SeenDataPlane[];
  /** Data planes on which a version has to be ready before it gets more traffic. */
  quorum: number;
  /** For how long a version is tried that does not load, while the proven one serves; undefined for ever. */
  giveUpMillis?: number;
  /** What is known of its comparison; undefined when it was not asked for. */
  analysis?: AnalysisReading;
  now: Date;
}

/** Why a version loses its traffic, and by what numbers. */
export interface Judgement {
  by: 'analysis' | 'brake' | 'deadline';
  reason: string;
  evidence?: DecisionEvidence;
}

/** What to do with a running rollout now. */
export type RolloutAction =
  | { kind: 'wait' }
  /** Versions that a newer one has superseded leave their traffic to the proven one. */
  | { kind: 'give-way'; from: number[]; to: number }
  /** Take a step of the plan: with this split, until `nextStepAt` or, paused, until somebody goes on. */
  | {
      kind: 'step';
      step: number;
      split: TrafficSplit;
      nextStepAt: string;
      paused?: RolloutPause;
      sharePercent?: number;
      unitsBefore?: ProgressingState['unitsBefore'];
      note: string;
      /** Where that decided it, and not the plan alone. */
      by?: 'analysis';
      evidence?: DecisionEvidence;
    }
  /** All traffic for the new version. */
  | {
      kind: 'complete';
      by?: 'analysis';
      reason?: string;
      evidence?: DecisionEvidence;
    }
  /** The new version was judged: all traffic for the proven one, for good. */
  | ({ kind: 'take-back'; to: number } & Judgement)
  /** A version of an experiment that is not the wanted one was judged: the others go on. */
  | ({ kind: 'drop'; version: number } & Judgement)
  /** Nothing was decided: the shares stay until somebody goes on or takes it back. */
  | { kind: 'ask'; reason: string; evidence?: DecisionEvidence }
  /** No data plane runs a version any more: the proven one answers until one does again. */
  | { kind: 'fall-back'; to: number; version: number }
  /** Data planes run all of them again: they get the shares of the step back. */
  | { kind: 'resume'; split: TrafficSplit; nextStepAt: string }
  /** It does not get on. With `loadAnew`, data planes are asked to try at once. */
  | { kind: 'note-problem'; problem: RolloutProblem; loadAnew: boolean }
  /** What held it is gone. */
  | { kind: 'mended' };

/** What a strategy decides once every version that it needs is ready. */
export interface Strategy {
  /** The split as the step wants it. */
  split(situation: RolloutSituation, step: StepState): TrafficSplit;
  /** How long the step takes, or at most, in seconds. */
  secondsAt(step: number): number;
  /** The first step that the version has not had. */
  begin(situation: RolloutSituation): RolloutAction;
  /** What comes after, and when. Not asked while it is paused. */
  goOn(situation: RolloutSituation, state: ProgressingState): RolloutAction;
}

export type ProgressingState = Extract<
  RolloutRecord['state'],
  { phase: 'progressing' }
>;

/** As much of a state as the shares depend on. */
export type StepState = Pick<
  ProgressingState,
  'step' | 'sharePercent' | 'dropped'
>;

export function secondsLater(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1_000).toISOString();
}

export function isDue({ nextStepAt }: ProgressingState, now: Date): boolean {
  return now.toISOString() >= nextStepAt;
}
