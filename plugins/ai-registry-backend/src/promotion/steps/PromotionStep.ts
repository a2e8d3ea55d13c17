import type { PortalPages } from '@greenroom/ai-node';
import type {
  Connection,
  DesiredDeployment,
  Digest,
  Evaluation,
  Model,
  ModelPrice,
  ModelVersionDetail,
  PromptEvaluation,
  Servability,
} from '@greenroom/plugin-ai-registry-common';
import type { Readable } from 'node:stream';
import type { ConnectionState } from '../../environments/ConnectionStates';
import type { GitHost, Person } from '../../environments/GitHost';
import type { Serving } from '../../environments/ServingState';
import type { GateRun } from '../../evaluationRuns/GateRuns';
import type { PromotionRecord, StepName } from '../promotion';
import type { StepChanges } from '../transitions';

/**
 * One step of a promotion. It may be run again after its process was killed at any
 * point, so it looks for its own earlier output before it makes anything.
 */
export interface PromotionStep {
  name: StepName;
  run(context: StepContext): Promise<StepResult>;
}

export type StepResult =
  | {
      outcome: 'done';
      changes?: StepChanges;
      /** There was nothing to do: why, in a sentence. */
      skippedBecause?: string;
    }
  /** Nothing to do until somebody reviews, retries or closes it. */
  | { outcome: 'waiting'; reviewAsked?: PromotionRecord['reviewAsked'] }
  /** It goes on elsewhere: ask again later. */
  | { outcome: 'under-way'; waitingFor: string }
  /** What earlier steps looked at has changed: take them again, from this one on. */
  | { outcome: 'start-over'; from: StepName }
  /** There is nothing left to promote. */
  | { outcome: 'closed'; reason: string };

/** What a step may look at and use. */
export interface StepContext {
  promotion: PromotionRecord;
  gitHost: GitHost;
  pages: Pick<PortalPages, 'promotion'>;
  settings: StepSettings;
  signal: AbortSignal;
  people: { personOf(actor: string): Promise<Person> };
  /** The version that the promotion is about. */
  candidate(): Promise<ModelVersionDetail>;
  /** What the environment runs now, as far as it was applied. */
  running(): Promise<DesiredDeployment | undefined>;
  version(number: number): Promise<ModelVersionDetail>;
  openArtifact(digest: Digest): Promise<Readable>;
  model(): Promise<Model>;
  /** The promotion that a change request carries. */
  findPromotion(
    changeRequest: number,
  ): Promise<Pick<PromotionRecord, 'id'> | undefined>;
  /** Makes the registry agree with main; returns what is wrong with manifests there, by path. */
  applyEnvironments(): Promise<Map<string, string>>;
  /** What serves the model in the promotion's environment; undefined when nothing is known of it. */
  serving(): Promise<Serving | undefined>;
  /** Loads the version with the data plane's runtime, unless that was done before. */
  tryToLoad(options: { again: boolean }): Promise<Servability>;
  /** What a logical connection is in the promotion's environment; undefined where it maps none. */
  connection(name: string): Connection | undefined;
  /** What data planes found out about it; undefined when none has told yet. */
  connectionState(name: string): Promise<ConnectionState | undefined>;
  /** What the tokens of a version's model cost in the promotion's environment; undefined where nobody has said. */
  priceOf(external: {
    connection: string;
    model: string;
  }): ModelPrice | undefined;
  /** How far a version is with prompts in the promotion's environment; with `start` it is asked, unless it was lately. */
  promptRun(
    version: number,
    evaluation: PromptEvaluation,
    options: { start: boolean },
  ): Promise<GateRun>;
  /** All evaluations of a version, newest first. */
  evaluations(version: number): Promise<Evaluation[]>;
  /**
   * Opens the change that has Git ask for what serves again, unless somebody has asked for something else by now.
   *
   * @returns a sentence that says how
   */
  takeBack(reason: string): Promise<string>;
  /** Tells the model's owners that a review is needed; undefined when they could not be told. */
  askForReview(): Promise<string[] | undefined>;
}

export interface StepSettings {
  /** Share of the running version's metric that may be lost, from 0 to 1. */
  evaluationMargin: number;
  /** Where editors get the JSON schema of manifests from. */
  manifestSchemaUrl: string;
}
