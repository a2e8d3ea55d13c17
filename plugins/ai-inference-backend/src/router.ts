import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { answerFailures, createApiRouter } from '@greenroom/ai-node';
import type express from 'express';
import { createEnvironmentRouter } from './deployers/createEnvironmentRouter';
import type { EnvironmentService } from './deployers/EnvironmentService';
import { createDeploymentRouter } from './deployments/createDeploymentRouter';
import type { DeploymentService } from './deployments/DeploymentService';
import { createKeyRouter } from './keys/createKeyRouter';
import type { KeyService } from './keys/KeyService';
import { createPlaygroundRouter } from './playground/createPlaygroundRouter';
import type { PlaygroundService } from './playground/PlaygroundService';
import { createRolloutRouter } from './rollouts/createRolloutRouter';
import type { RolloutService } from './rollouts/RolloutService';
import { createSnapshotRouter } from './snapshots/createSnapshotRouter';
import type { SnapshotService } from './snapshots/SnapshotService';

export const PACKAGE_NAME = '@greenroom/plugin-ai-inference-backend';

/** Enough for a playground request with some images in it. */
const JSON_LIMIT_BYTES = 8 * 1024 * 1024;

export async function createRouter(options: {
  audit: express.Router;
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  /** Names of those that there are. */
  environmentNames: readonly string[];
  environments: EnvironmentService;
  deployments: DeploymentService;
  keys: KeyService;
  playground: PlaygroundService;
  rollouts: RolloutService;
  snapshots: SnapshotService;
}): Promise<express.Router> {
  const router = await createApiRouter({
    packageName: PACKAGE_NAME,
    jsonLimitBytes: JSON_LIMIT_BYTES,
    enums: { Environment: options.environmentNames },
  });
  router.use(createDeploymentRouter(options));
  router.use(createEnvironmentRouter(options));
  router.use(createRolloutRouter(options));
  router.use(createKeyRouter(options));
  router.use(createPlaygroundRouter(options));
  router.use(createSnapshotRouter(options));
  router.use(options.audit);
  router.use(answerFailures);
  return router;
}
