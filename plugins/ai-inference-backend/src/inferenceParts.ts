import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  HttpAuthService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  IssuedTokens,
  OwnershipClaims,
  PortalPages,
} from '@greenroom/ai-node';
import type { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { InferenceConfig } from './config';
import { ConnectionStore } from './connections/ConnectionStore';
import { DataPlaneStore } from './dataPlanes/DataPlaneStore';
import { DeprecationCopyStore } from './deprecations/DeprecationCopyStore';
import { DeploymentStore } from './deployments/DeploymentStore';
import type { InferenceChanges } from './events/announcement';
import { KeyStore } from './keys/KeyStore';
import { RolloutStore } from './rollouts/RolloutStore';
import { VersionCopyStore } from './snapshots/VersionCopyStore';
import { RequestUseStore } from './requestUse/RequestUseStore';
import { TokenUseStore } from './tokenUse/TokenUseStore';

/** What the plugin's features are built from, besides each other. */
export interface InferenceParts extends InferenceStores {
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  changes: InferenceChanges;
  claims: OwnershipClaims;
  clock: () => Date;
  config: InferenceConfig;
  discovery: DiscoveryService;
  httpAuth: HttpAuthService;
  issuedTokens: IssuedTokens;
  knex: Knex;
  logger: LoggerService;
  notifications: NotificationService;
  pages: PortalPages;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  registry: AiRegistryClient;
}

/** The tables that several features read: what runs is made of all of them. */
export interface InferenceStores {
  connectionStore: ConnectionStore;
  dataPlanes: DataPlaneStore;
  deployments: DeploymentStore;
  deprecationCopies: DeprecationCopyStore;
  keys: KeyStore;
  requestUse: RequestUseStore;
  rollouts: RolloutStore;
  tokenUse: TokenUseStore;
  versionCopies: VersionCopyStore;
}

export function openStores(options: {
  knex: Knex;
  config: InferenceConfig;
}): InferenceStores {
  const { knex, config } = options;
  return {
    connectionStore: new ConnectionStore({ knex }),
    dataPlanes: new DataPlaneStore({ knex, ...config.dataPlane }),
    deployments: new DeploymentStore({ knex }),
    deprecationCopies: new DeprecationCopyStore({ knex }),
    keys: new KeyStore({ knex }),
    requestUse: new RequestUseStore({ knex }),
    rollouts: new RolloutStore({ knex }),
    tokenUse: new TokenUseStore({ knex }),
    versionCopies: new VersionCopyStore({ knex }),
  };
}
