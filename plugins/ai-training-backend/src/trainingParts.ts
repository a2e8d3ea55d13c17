import type {
  AuditorService,
  AuthService,
  HttpAuthService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import type { OwnershipClaims } from '@greenroom/ai-node';
import type { Knex } from 'knex';
import type { TrainingConfig } from './config';
import type { TrainingChanges } from './events/announcement';

/** What the plugin's features are built from, besides each other. */
export interface TrainingParts {
  auditor: AuditorService;
  auth: AuthService;
  catalog: CatalogService;
  changes: TrainingChanges;
  claims: OwnershipClaims;
  clock: () => Date;
  config: TrainingConfig;
  httpAuth: HttpAuthService;
  knex: Knex;
  logger: LoggerService;
  notifications: NotificationService;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}
