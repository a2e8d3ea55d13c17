import type { PortalPages } from '@greenroom/ai-node';
import type {
  Connection,
  DesiredDeployment,
  Digest,
  EnvironmentDefinition,
  Evaluation,
  Model,
  ModelPrice,
  ModelVersionDetail,
  MeasurementQuestion,
  PromptEvaluation,
  ReferenceValue,
  Servability,
  VersionSigning,
} from '@greenroom/plugin-ai-registry-common';
import type { BundleFile } from '@greenroom/bundle-file';
import type { Readable } from 'node:stream';
import type { Rehearsal } from '../../trials/TrialRunner';
import type { GateFinding } from '../gates/PromotionGate';
import type { Consumer } from '../evidence/Consumers';
import type { AnsweredRow, Traffic } from '../evidence/Traffic';
import type { ConnectionState } from '../../environments/ConnectionStates';
import type { GitHost } from '../../environments/GitHost';
import type { People } from '../../environments/people';
import type { Serving } from '../../environments/ServingState';
import type { GateRun } from '../../evaluationRuns/GateRuns';
import type { GateMeasurement } from '../../measurements/GateMeasurements';
import type { MeasuredMode } from '../chooseEvaluations';
import type { FrameStepName, PromotionRecord, StepName } from '../promotion';
import type { Stay } from '../Stays';
import type { GateResult, StepChanges } from '../transitions';

/**
 * A step that every promotion takes. It may be run again after its process was killed at any
 * point, so it looks for its own earlier output before it makes anything.
 */
export interface PromotionStep {
  name: FrameStepName;
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
  | {
      outcome: 'waiting';
      reviewAsked?: PromotionRecord['reviewAsked'];
      /** Of gates that were asked once more and found something else. */
      gates?: GateResult[];
    }
  /** It goes on elsewhere: ask again later. */
  | {
      outcome: 'under-way';
      waitingFor: string;
      /** What was told of the rollout, where that is more than before. */
      told?: PromotionRecord['told'];
      reviewAsked?: PromotionRecord['reviewAsked'];
      /** Of gates that were asked once more and found something else. */
      gates?: GateResult[];
      /** When it is worth asking, as far as that is known; ISO 8601. */
      until?: string;
    }
  /** What earlier steps looked at has changed: take them again, from this one on. */
  | { outcome: 'start-over'; from: StepName }
  /** There is nothing left to promote. */
  | { outcome: 'closed'; reason: string };

/** What a step may look at and use. */
export interface StepContext {
  promotion: PromotionRecord;
  gitHost: GitHost;
  pages: Pick<PortalPages, 'promotion' | 'version'>;
  settings: StepSettings;
  signal: AbortSignal;
  people: Pick<People, 'personOf' | 'actorOf'>;
  now(): Date;
  /** The promotion's environment; undefined for one that is not configured any more. */
  environment(): EnvironmentDefinition | undefined;
  /** How the version fared in another environment; undefined where it never was. */
  stay(environment: string): Promise<Stay | undefined>;
  /** Asks gates again whose answer changes by itself; gives those that answer otherwise than before. */
  recheckGates(): Promise<GateResult[]>;
  /** The version that the promotion is about. */
  candidate(): Promise<ModelVersionDetail>;
  /** Who signed the candidate's files; undefined where nobody did. */
  signing(): Promise<VersionSigning | undefined>;
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
  /** How far a version is with being measured; with `start` it is begun, unless it was done before. */
  measurement(
    version: number,
    question: MeasurementQuestion & { dataset: { digest?: string } },
    options: { start: boolean },
  ): Promise<GateMeasurement>;
  /** Which evaluations count in the promotion's environment. */
  measuredMode(): MeasuredMode;
  /** Has a version answer rows apart from everything else; undefined where none can be tried. */
  rehearse(
    version: number,
    rows: readonly ReferenceValue[][],
  ): Promise<Rehearsal | undefined>;
  /** Of the candidate's bundle, by path; empty for a single file. */
  files(): Promise<BundleFile[]>;
  /** The last rows that a version answered in the promotion's environment; empty where none are kept. */
  recentRows(version: number): Promise<AnsweredRow[]>;
  /** What a version was asked in the promotion's environment, against the rows that the candidate was made of. */
  driftOfTraffic(version: number): ReturnType<Traffic['driftFor']>;
  /** Who uses the model; undefined when nobody can tell now. */
  consumers(): Promise<Consumer[] | undefined>;
  /** Asks an own gate of what serves now; undefined where there is no such gate any more. */
  verify(
    id: string,
  ): Promise<{ title: string; finding: GateFinding } | undefined>;
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
  /** Where editors get the JSON schema of manifests from. */
  manifestSchemaUrl: string;
  /** Where people find the portal; undefined where that is not configured. */
  portalUrl?: string;
}
