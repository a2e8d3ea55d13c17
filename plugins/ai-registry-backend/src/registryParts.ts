import type {
  AuditorService,
  AuthService,
  DiscoveryService,
  HttpAuthService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type {
  IssuedTokens,
  OwnershipClaims,
  PortalPages,
} from '@greenroom/ai-node';
import type { Knex } from 'knex';
import type { RegistryConfig } from './config';
import type { RegistryChanges } from './events/announcement';

/** What the plugin's features are built from, besides each other. */
export interface RegistryParts {
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  changes: RegistryChanges;
  claims: OwnershipClaims;
  config: RegistryConfig;
  discovery: DiscoveryService;
  httpAuth: HttpAuthService;
  issuedTokens: IssuedTokens;
  knex: Knex;
  logger: LoggerService;
  notifications: NotificationService;
  pages: PortalPages;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  rootConfig: RootConfigService;
}
