import type { ArtifactStore } from '@greenroom/artifact-store';
import type {
  Connection,
  DesiredDeployment,
  Digest,
  EnvironmentConnections,
  Evaluation,
  Model,
  ModelPrice,
  ModelVersionDetail,
  PromptEvaluation,
  Servability,
} from '@greenroom/plugin-ai-registry-common';
import type { Readable } from 'node:stream';
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
import type { ModelStore } from '../models/ModelStore';
import type { Trials } from '../trials/Trials';
import type { EvaluationStore } from '../versions/EvaluationStore';
import type { VersionStore } from '../versions/VersionStore';
import type { PromotionRecord } from './promotion';
import type { PromotionNotifier } from './PromotionNotifier';
import type { PromotionStore } from './PromotionStore';
import type { StepContext, StepSettings } from './steps/PromotionStep';
import type { TakeBack } from './takeBack';

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
  artifacts: ArtifactStore;
  deployments: DesiredDeploymentStore;
  reconciler: EnvironmentReconciler;
  trials: Pick<Trials, 'tryToLoad'>;
  serving: ServingState;
  connections: EnvironmentConnections;
  connectionStates: ConnectionStates;
  gateRuns: GateRuns;
  notifier: PromotionNotifier;
  takeBack: TakeBack;
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

  candidate(): Promise<ModelVersionDetail> {
    return this.version(this.promotion.version);
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
      { again, signal: this.signal },
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
        ...(start && { start: { requestedBy, promotion: id } }),
      },
    );
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
