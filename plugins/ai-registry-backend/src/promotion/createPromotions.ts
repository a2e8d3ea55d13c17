import type { LoggerService } from '@backstage/backend-plugin-api';
import type { PortalPages } from '@greenroom/ai-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { AliasStore } from '../aliases/AliasStore';
import type { ArtifactStore } from '@greenroom/artifact-store';
import type { RegistryConfig } from '../config';
import type { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import {
  EnvironmentReconciler,
  type EnvironmentReconcilerOptions,
} from '../environments/EnvironmentReconciler';
import type { GitHost } from '../environments/GitHost';
import type { People } from '../environments/people';
import type { ServingState } from '../environments/ServingState';
import type { RegistryChanges } from '../events/announcement';
import type { ModelStore } from '../models/ModelStore';
import type { Trials } from '../trials/Trials';
import type { EvaluationStore } from '../versions/EvaluationStore';
import type { VersionStore } from '../versions/VersionStore';
import { PromotionEngine } from './PromotionEngine';
import { PromotionNotifier } from './PromotionNotifier';
import {
  createPromotionService,
  type PromotionServiceOptions,
} from './createPromotionService';
import type { PromotionService } from './PromotionService';
import { PromotionStore } from './PromotionStore';
import { PromotionWatcher } from './PromotionWatcher';
import { PromotionWorker } from './PromotionWorker';
import { RegistryStepContext, type StepParts } from './RegistryStepContext';
import { promotionSteps } from './steps';
import type { PromotionStep } from './steps/PromotionStep';
import { WantedState } from './WantedState';

export interface PromotionsOptions {
  knex: Knex;
  config: RegistryConfig['promotion'];
  changes: RegistryChanges;
  environments: Environments;
  membershipsOf: PromotionServiceOptions['membershipsOf'];
  /** Where editors get the JSON schema of manifests from. */
  manifestSchemaUrl: string;
  gitHost: GitHost;
  people: People;
  logger: LoggerService;
  notifications: NotificationService;
  pages: PortalPages;
  models: ModelStore;
  versions: VersionStore;
  evaluations: EvaluationStore;
  aliasStore: AliasStore;
  artifacts: ArtifactStore;
  deployments: DesiredDeploymentStore;
  aliases: EnvironmentReconcilerOptions['aliases'];
  trials: Pick<Trials, 'tryToLoad'>;
  serving: ServingState;
  steps?: PromotionStep[];
}

/** Builds what promotes versions and applies environments, from its parts. */
export function createPromotions(options: PromotionsOptions): {
  promotions: PromotionService;
  reconciler: EnvironmentReconciler;
  worker: PromotionWorker;
} {
  const { knex, config, changes, gitHost, people, logger } = options;
  const { versions, deployments } = options;
  const store = new PromotionStore({ knex });
  const notifier = new PromotionNotifier({
    notifications: options.notifications,
    pages: options.pages,
    models: options.models,
    people,
    reviewers: config.reviewers,
    environments: options.environments,
    logger,
  });
  const reconciler = new EnvironmentReconciler({
    environments: options.environments,
    gitHost,
    deployments,
    changes,
    people,
    logger,
    versions,
    aliases: options.aliases,
    promotions: store,
  });
  const parts: StepParts = {
    ...options,
    store,
    reconciler,
    notifier,
    settings: {
      evaluationMargin: config.gates.evaluation.margin,
      manifestSchemaUrl: options.manifestSchemaUrl,
    },
  };

  const worker = new PromotionWorker({
    engine: new PromotionEngine({
      steps: options.steps ?? promotionSteps,
      store,
      changes,
      notifier,
      logger,
      createContext: (promotion, signal) =>
        new RegistryStepContext(parts, promotion, signal),
    }),
    watcher: new PromotionWatcher({
      store,
      changes,
      notifier,
      gitHost,
      deployments,
    }),
    store,
    logger,
  });
  const promotions = createPromotionService({
    ...parts,
    changes,
    settings: config,
    environments: options.environments,
    membershipsOf: options.membershipsOf,
    aliases: options.aliasStore,
    wanted: new WantedState({
      reconciler,
      deployments,
      serving: options.serving,
    }),
    worker,
  });
  return { promotions, reconciler, worker };
}
