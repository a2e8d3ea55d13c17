import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { answerFailures, createApiRouter } from '@greenroom/ai-node';
import { RECORD_LIMITS } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import { createMonitoringRouter } from './monitoring/createMonitoringRouter';
import type { MonitoringService } from './monitoring/MonitoringService';
import { createRecordRouter } from './records/createRecordRouter';
import type { RecordService } from './records/RecordService';

export const PACKAGE_NAME = '@greenroom/plugin-ai-monitoring-backend';

/** A sample is two; nothing else of a batch comes in such numbers. */
const MAX_STRUCTURES = RECORD_LIMITS.weight;

export async function createRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  audit: express.Router;
  /** Names of those that there are. */
  environments: readonly string[];
  monitoring: MonitoringService;
  records: RecordService;
}): Promise<express.Router> {
  const router = await createApiRouter({
    packageName: PACKAGE_NAME,
    jsonLimitBytes: RECORD_LIMITS.bytes,
    enums: { Environment: options.environments },
    jsonMaxStructures: MAX_STRUCTURES,
  });
  router.use(createRecordRouter(options));
  router.use(createMonitoringRouter(options));
  router.use(options.audit);
  router.use(answerFailures);
  return router;
}
