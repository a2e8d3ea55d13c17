import type { OwnershipClaims } from '@greenroom/ai-node';
import type { Aliases } from '../aliases/createAliases';
import type { Artifacts } from '../artifacts/createArtifacts';
import type { RegistryConfig } from '../config';
import type { EvaluationRunsFeature } from '../evaluationRuns/createEvaluationRuns';
import { GateRuns } from '../evaluationRuns/GateRuns';
import type { EnvironmentsFeature } from '../environments/createEnvironments';
import type { Models } from '../models/createModels';
import type { RegistryParts } from '../registryParts';
import type { Versions } from '../versions/createVersions';
import { AuthorizedPromotionService } from './AuthorizedPromotionService';
import { createPromotionRouter } from './createPromotionRouter';
import { createPromotionService } from './createPromotionService';
import { PromotionEngine } from './PromotionEngine';
import { PromotionNotifier } from './PromotionNotifier';
import { PromotionOpener } from './PromotionOpener';
import { PromotionStore } from './PromotionStore';
import { PromotionWatcher } from './PromotionWatcher';
import { PromotionWorker } from './PromotionWorker';
import { RegistryStepContext, type StepParts } from './RegistryStepContext';
import { Rollbacks } from './Rollbacks';
import { promotionSteps } from './steps';
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
  config: Pick<RegistryConfig, 'connections' | 'environments' | 'promotion'>;
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
    trials: Pick<Versions['trials'], 'tryToLoad'>;
  };
  evaluationRuns: Pick<EvaluationRunsFeature, 'runs' | 'waitingFor'>;
  aliases: Pick<Aliases, 'store'>;
  artifacts: Pick<Artifacts, 'store'>;
}

/** The way of a version into an environment, and back. */
export function createPromotions(options: PromotionsOptions) {
  const { config, knex, manifestSchemaUrl, versions } = options;
  const { connections, environments, promotion: settings } = config;
  const store = new PromotionStore({ knex });
  const shared = {
    ...options,
    ...options.environments,
    environments,
    store,
    models: options.models.store,
    versions: versions.store,
    evaluations: versions.evaluations,
    trials: versions.trials,
    aliases: options.aliases.store,
    artifacts: options.artifacts.store,
  };
  const notifier = new PromotionNotifier({
    ...shared,
    reviewers: settings.reviewers,
  });
  const parts = { ...shared, notifier };
  const wanted = new WantedState(parts);
  const rollbacks = new Rollbacks({
    ...parts,
    settings,
    wanted,
    // It looks by itself, a moment later.
    opener: new PromotionOpener({ ...parts, worker: { wake: () => {} } }),
  });
  const stepParts: StepParts = {
    ...parts,
    connections,
    gateRuns: new GateRuns({
      ...options.evaluationRuns,
      maxAgeMillis: settings.gates.evaluation.maxAgeMillis,
    }),
    takeBack: createTakeBack({ ...parts, rollbacks }),
    settings: {
      evaluationMargin: settings.gates.evaluation.margin,
      manifestSchemaUrl,
    },
  };
  const worker = new PromotionWorker({
    ...parts,
    engine: new PromotionEngine({
      ...parts,
      steps: promotionSteps,
      createContext: (promotion, signal) =>
        new RegistryStepContext(stepParts, promotion, signal),
    }),
    watcher: new PromotionWatcher(parts),
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
    service,
    router: createPromotionRouter({ ...options, promotions: service }),
  };
}
