import type {
  AuthService,
  DiscoveryService,
  HttpAuthService,
  LoggerService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { SignalsService } from '@backstage/plugin-signals-node';
import type { PortalPages } from '@greenroom/ai-node';
import { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { BaselineSource } from './baselines/BaselineSource';
import { ReferenceSource } from './baselines/ReferenceSource';
import type { MonitoringConfig } from './config';
import type { MonitoringChanges } from './events/announcement';
import { RolloutSource } from './markers/RolloutSource';
import { BatchStore } from './records/BatchStore';
import { LossStore } from './records/LossStore';
import { WindowStore } from './windows/WindowStore';

/** What the plugin's features are built from, besides each other. */
export interface MonitoringParts extends MonitoringSources {
  auth: AuthService;
  changes: MonitoringChanges;
  clock: () => Date;
  config: MonitoringConfig;
  httpAuth: HttpAuthService;
  knex: Knex;
  logger: LoggerService;
  notifications: NotificationService;
  pages: PortalPages;
  permissions: PermissionsService;
  signals: SignalsService;
}

/** Where the features read what is measured, and what it is held against. */
export interface MonitoringSources {
  baselines: BaselineSource;
  batches: BatchStore;
  inference: AiInferenceClient;
  losses: LossStore;
  references: ReferenceSource;
  registry: AiRegistryClient;
  rollouts: RolloutSource;
  windows: WindowStore;
}

export function openSources(options: {
  knex: Knex;
  auth: AuthService;
  discovery: DiscoveryService;
}): MonitoringSources {
  const { knex, auth, discovery } = options;
  const registry = new AiRegistryClient({ discoveryApi: discovery });
  const inference = new AiInferenceClient({ discoveryApi: discovery });
  return {
    baselines: new BaselineSource({ registry, auth }),
    batches: new BatchStore({ knex }),
    inference,
    losses: new LossStore({ knex }),
    references: new ReferenceSource({ registry, auth }),
    registry,
    rollouts: new RolloutSource({ inference, auth }),
    windows: new WindowStore({ knex }),
  };
}
