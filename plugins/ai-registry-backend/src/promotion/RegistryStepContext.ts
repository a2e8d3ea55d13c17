import type { ArtifactStore } from '@greenroom/artifact-store';
import type {
  Connection,
  DesiredDeployment,
  Digest,
  EnvironmentConnections,
  EnvironmentDefinition,
  Environments,
  Evaluation,
  Model,
  ModelPrice,
  ModelVersionDetail,
  PromptEvaluation,
  ReferenceValue,
  Servability,
  VersionSigning,
} from '@greenroom/plugin-ai-registry-common';
import type { BundleFile } from '@greenroom/bundle-file';
import type { Readable } from 'node:stream';
import type { Rehearsal } from '../trials/TrialRunner';
import type { Consumer, Consumers } from './evidence/Consumers';
import type { AnsweredRow, Traffic } from './evidence/Traffic';
import type {
  ConnectionState,
  ConnectionStates,
} from '../environments/ConnectionStates';
import type { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import type { EnvironmentReconciler } from '../environments/EnvironmentReconciler';
import type { GitHost } from '../environments/GitHost';
import type { People } from '../environments/people';
import type { Serving, ServingState } from '../environments/ServingState';
import type { PortalPages } from '@greenroom/ai-node';
import type { GateRun, GateRuns } from '../evaluationRuns/GateRuns';
import type {
  GateMeasurement,
  GateMeasurements,
} from '../measurements/GateMeasurements';
import type { MeasuredMode } from './chooseEvaluations';
import type { ModelStore } from '../models/ModelStore';
import type { Trials } from '../trials/Trials';
import type { EvaluationStore } from '../versions/EvaluationStore';
import type { SignatureReader } from '../versions/signing/SignatureReader';
import type { VersionStore } from '../versions/VersionStore';
import type { Gates } from './gates/Gates';
import { recheckGates } from './gates/gateSteps';
import type { PromotionRecord } from './promotion';
import type { PromotionNotifier } from './PromotionNotifier';
import type { PromotionStore } from './PromotionStore';
import type { StepContext, StepSettings } from './steps/PromotionStep';
import type { Stay, Stays } from './Stays';
import type { TakeBack } from './takeBack';
import type { GateResult } from './transitions';

/** The parts of the registry that the steps of all promotions use. */
export interface StepParts {
  gitHost: GitHost;
  pages: PortalPages;
  people: People;
  settings: StepSettings;
  store: PromotionStore;
  models: ModelStore;
  versions: VersionStore;
  evaluations: EvaluationStore;
  signing: Pick<SignatureReader, 'find'>;
  artifacts: ArtifactStore;
  deployments: DesiredDeploymentStore;
  reconciler: EnvironmentReconciler;
  trials: Pick<Trials, 'tryToLoad' | 'rehearse'>;
  traffic: Traffic;
  consumers: Consumers;
  serving: ServingState;
  connections: EnvironmentConnections;
  connectionStates: ConnectionStates;
  gateRuns: GateRuns;
  gateMeasurements: GateMeasurements;
  /** Answers to prompts that are older are asked for anew. */
  promptMaxAgeMillis(environment: string): number;
  /** Which evaluations count. */
  measuredMode(environment: string): MeasuredMode;
  notifier: PromotionNotifier;
  takeBack: TakeBack;
  environments: Environments;
  stays: Stays;
  gates: Gates;
}

/** What the steps of one promotion see of the registry. */
export class RegistryStepContext implements StepContext {
  readonly promotion: PromotionRecord;
  readonly gitHost: GitHost;
  readonly pages: PortalPages;
  readonly people: People;
  readonly settings: StepSettings;
  readonly signal: AbortSignal;
  readonly #parts: StepParts;

  constructor(
    parts: StepParts,
    promotion: PromotionRecord,
    signal: AbortSignal,
  ) {
    this.promotion = promotion;
    this.gitHost = parts.gitHost;
    this.pages = parts.pages;
    this.people = parts.people;
    this.settings = parts.settings;
    this.signal = signal;
    this.#parts = parts;
  }

  now(): Date {
    return new Date();
  }

  environment(): EnvironmentDefinition | undefined {
    return this.#parts.environments.find(this.promotion.environment);
  }

  stay(environment: string): Promise<Stay | undefined> {
    const { model, version } = this.promotion;
    return this.#parts.stays.find({ model, version, environment });
  }

  recheckGates(): Promise<GateResult[]> {
    return recheckGates(this, this.#parts.gates);
  }

  candidate(): Promise<ModelVersionDetail> {
    return this.version(this.promotion.version);
  }

  signing(): Promise<VersionSigning | undefined> {
    const { model, version } = this.promotion;
    return this.#parts.signing.find({ model, version });
  }

  version(number: number): Promise<ModelVersionDetail> {
    return this.#parts.versions.get(this.promotion.model, number);
  }

  running(): Promise<DesiredDeployment | undefined> {
    return this.#parts.deployments.find(this.promotion);
  }

  model(): Promise<Model> {
    return this.#parts.models.get(this.promotion.model);
  }

  serving(): Promise<Serving | undefined> {
    const { environment, model } = this.promotion;
    return this.#parts.serving.find({ environment, model });
  }

  tryToLoad({ again }: { again: boolean }): Promise<Servability> {
    const { model, version } = this.promotion;
    return this.#parts.trials.tryToLoad(
      { model, version },
      { again, patient: false, signal: this.signal },
    );
  }

  connection(name: string): Connection | undefined {
    const { environment } = this.promotion;
    return this.#parts.connections.find(environment, name);
  }

  connectionState(name: string): Promise<ConnectionState | undefined> {
    const { environment } = this.promotion;
    return this.#parts.connectionStates.find(environment, name);
  }

  priceOf(external: {
    connection: string;
    model: string;
  }): ModelPrice | undefined {
    const { environment } = this.promotion;
    return this.#parts.connections.priceOf(environment, external);
  }

  promptRun(
    version: number,
    evaluation: PromptEvaluation,
    { start }: { start: boolean },
  ): Promise<GateRun> {
    const { id, model, environment, requestedBy, steps } = this.promotion;
    const asked = steps.find(({ name }) => name === 'evaluate-prompts');
    return this.#parts.gateRuns.look(
      { model, version, environment },
      evaluation,
      {
        since: asked?.startedAt ?? this.promotion.createdAt,
        maxAgeMillis: this.#parts.promptMaxAgeMillis(environment),
        ...(start && { start: { requestedBy, promotion: id } }),
      },
    );
  }

  measurement(
    version: number,
    question: Parameters<StepContext['measurement']>[1],
    { start }: { start: boolean },
  ): Promise<GateMeasurement> {
    const { id, model, requestedBy, steps, createdAt } = this.promotion;
    const asked = steps.find(({ name }) => name === 'evaluate-prompts');
    return this.#parts.gateMeasurements.look({ model, version }, question, {
      since: asked?.startedAt ?? createdAt,
      ...(start && { start: { requestedBy, promotion: id } }),
    });
  }

  measuredMode(): MeasuredMode {
    return this.#parts.measuredMode(this.promotion.environment);
  }

  rehearse(
    version: number,
    rows: readonly ReferenceValue[][],
  ): Promise<Rehearsal | undefined> {
    const { model } = this.promotion;
    return this.#parts.trials.rehearse(
      { model, version },
      { rows, patient: false, signal: this.signal },
    );
  }

  files(): Promise<BundleFile[]> {
    const { model, version } = this.promotion;
    return this.#parts.versions.listFiles({ model, version });
  }

  recentRows(version: number): Promise<AnsweredRow[]> {
    return this.#parts.traffic.recentRows(this.#place(version));
  }

  driftOfTraffic(version: number): ReturnType<Traffic['driftFor']> {
    return this.#parts.traffic.driftFor(
      this.promotion.version,
      this.#place(version),
    );
  }

  async verify(id: string) {
    const gate = this.#parts.gates.all.find(one => one.id === `own:${id}`);
    return gate?.verify
      ? { title: gate.title, finding: await gate.verify(this) }
      : undefined;
  }

  consumers(): Promise<Consumer[] | undefined> {
    return this.#parts.consumers.of(this.promotion.model);
  }

  #place(version: number) {
    const { environment, model } = this.promotion;
    return { environment, model, version, signal: this.signal };
  }

  evaluations(version: number): Promise<Evaluation[]> {
    const { model } = this.promotion;
    return this.#parts.evaluations.list({ model, version });
  }

  openArtifact(digest: Digest): Promise<Readable> {
    return this.#parts.artifacts.open(digest);
  }

  findPromotion(
    changeRequest: number,
  ): Promise<Pick<PromotionRecord, 'id'> | undefined> {
    return this.#parts.store.findByChangeRequest(changeRequest);
  }

  async applyEnvironments(): Promise<Map<string, string>> {
    await this.#parts.reconciler.reconcile();
    const problems = await this.#parts.deployments.problems();
    return new Map(problems.map(({ path, message }) => [path, message]));
  }

  takeBack(reason: string): Promise<string> {
    return this.#parts.takeBack(this.promotion, reason);
  }

  askForReview(): Promise<string[] | undefined> {
    return this.#parts.notifier.askForReview(this.promotion);
  }
}
