import type { OwnershipClaims } from '@greenroom/ai-node';
import type { Aliases } from '../aliases/createAliases';
import type { Artifacts } from '../artifacts/createArtifacts';
import type { RegistryConfig } from '../config';
import type { EvaluationRunsFeature } from '../evaluationRuns/createEvaluationRuns';
import { GateRuns } from '../evaluationRuns/GateRuns';
import type { MeasurementsFeature } from '../measurements/createMeasurements';
import type { EnvironmentsFeature } from '../environments/createEnvironments';
import type { Models } from '../models/createModels';
import type { RegistryParts } from '../registryParts';
import type { Versions } from '../versions/createVersions';
import { Adopter } from './adoption/Adopter';
import { AuthorizedPromotionService } from './AuthorizedPromotionService';
import { AutomatedPromoter } from './automation/AutomatedPromoter';
import { CandidateStore } from './automation/CandidateStore';
import { CheckPublisher } from './checks/CheckPublisher';
import { createPromotionRouter } from './createPromotionRouter';
import { createPromotionService } from './createPromotionService';
import type { Consumers } from './evidence/Consumers';
import type { Traffic } from './evidence/Traffic';
import { HostReviewReader } from './hostReviews/HostReviewReader';
import { PromotionEngine } from './PromotionEngine';
import { PromotionNotifier } from './PromotionNotifier';
import { PromotionOpener } from './PromotionOpener';
import { PromotionRequests } from './PromotionRequests';
import { PromotionStore } from './PromotionStore';
import { PromotionWatcher } from './PromotionWatcher';
import { PromotionWorker } from './PromotionWorker';
import { PushFollower } from './PushFollower';
import { RegistryStepContext, type StepParts } from './RegistryStepContext';
import { Rollbacks } from './Rollbacks';
import { findGateStep } from './gates/gateSteps';
import { readEvaluationSettings } from './gates/evaluation';
import { Stays } from './Stays';
import { promotionSteps } from './steps';
import type { PromotionStep } from './steps/PromotionStep';
import { createTakeBack } from './takeBack';
import { WantedState } from './WantedState';

export interface PromotionsOptions
  extends Pick<
    RegistryParts,
    | 'auditor'
    | 'auth'
    | 'changes'
    | 'httpAuth'
    | 'knex'
    | 'logger'
    | 'notifications'
    | 'pages'
    | 'permissions'
  > {
  claims: Pick<OwnershipClaims, 'of'>;
  config: Pick<
    RegistryConfig,
    | 'administrators'
    | 'connections'
    | 'environments'
    | 'portalUrl'
    | 'promotion'
  >;
  /** Where editors get the JSON schema of manifests from. */
  manifestSchemaUrl: string;
  environments: Pick<
    EnvironmentsFeature,
    | 'connectionStates'
    | 'deployments'
    | 'gitHost'
    | 'people'
    | 'reconciler'
    | 'serving'
  >;
  models: Pick<Models, 'store'>;
  versions: Pick<Versions, 'store' | 'evaluations'> & {
    signing: Pick<Versions['signing'], 'find'>;
    trials: Pick<Versions['trials'], 'tryToLoad' | 'rehearse'>;
  };
  /** What callers ask. */
  traffic: Traffic;
  /** Who they are, as the catalog knows. */
  consumers: Consumers;
  evaluationRuns: Pick<EvaluationRunsFeature, 'runs' | 'waitingFor'>;
  measurements: Pick<MeasurementsFeature, 'gateMeasurements'>;
  aliases: Pick<Aliases, 'store'>;
  artifacts: Pick<Artifacts, 'store'>;
}

/** The way of a version into an environment, and back. */
export function createPromotions(options: PromotionsOptions) {
  const { config, knex, manifestSchemaUrl, versions } = options;
  const { connections, environments, promotion: settings } = config;
  const { gates } = settings;
  const frameSteps = new Map<string, PromotionStep>(
    promotionSteps.map(step => [step.name, step]),
  );
  const store = new PromotionStore({ knex });
  const groupsFor = ({ environment }: { environment: string }) =>
    environments.find(environment)?.approverGroups;
  const shared = {
    ...options,
    ...options.environments,
    environments,
    gates,
    store,
    models: options.models.store,
    versions: versions.store,
    evaluations: versions.evaluations,
    signing: versions.signing,
    trials: versions.trials,
    aliases: options.aliases.store,
    artifacts: options.artifacts.store,
  };
  const notifier = new PromotionNotifier({
    ...shared,
    reviewers: settings.reviewers,
  });
  const { administrators } = config;
  const parts = { ...shared, notifier, administrators };
  const wanted = new WantedState(parts);
  const rollbacks = new Rollbacks({
    ...parts,
    settings,
    wanted,
    // It looks by itself, a moment later.
    opener: new PromotionOpener({ ...parts, worker: { wake: () => {} } }),
  });
  const takeBack = createTakeBack({ ...parts, rollbacks });
  const pushes = new PushFollower({ ...parts, takeBack });
  const stepParts: StepParts = {
    ...parts,
    connections,
    gateRuns: new GateRuns({
      ...options.evaluationRuns,
    }),
    gateMeasurements: options.measurements.gateMeasurements,
    measuredMode: environment =>
      readEvaluationSettings(gates.configOf('evaluation', environment))
        .measured,
    stays: new Stays({ ...parts, promotions: store }),
    promptMaxAgeMillis: environment =>
      readEvaluationSettings(gates.configOf('evaluation', environment))
        .maxAgeMillis,
    takeBack,
    settings: { manifestSchemaUrl, portalUrl: config.portalUrl },
  };
  const worker = new PromotionWorker({
    ...parts,
    engine: new PromotionEngine({
      ...parts,
      findStep: step => frameSteps.get(step.name) ?? findGateStep(gates, step),
      createContext: (promotion, signal) =>
        new RegistryStepContext(stepParts, promotion, signal),
    }),
    watcher: new PromotionWatcher({
      ...parts,
      hostReviews: new HostReviewReader({ ...parts, groupsFor }),
    }),
    checks: new CheckPublisher({
      ...parts,
      groupsFor,
      portalUrl: config.portalUrl,
    }),
    pushes,
  });
  // What people did there need not wait for the next look.
  shared.gitHost.watch(() => worker.wake());
  const automated = new AutomatedPromoter({
    ...parts,
    candidates: new CandidateStore({ knex }),
    requests: new PromotionRequests({
      ...parts,
      settings,
      wanted,
      opener: new PromotionOpener({ ...parts, worker }),
    }),
  });
  const adopter = new Adopter({
    ...parts,
    opener: new PromotionOpener({ ...parts, worker }),
  });
  const service = new AuthorizedPromotionService({
    ...options,
    promotions: createPromotionService({
      ...parts,
      settings,
      wanted,
      worker,
    }),
  });
  return {
    worker,
    pushes,
    automated,
    adopter,
    service,
    router: createPromotionRouter({ ...options, promotions: service }),
  };
}
