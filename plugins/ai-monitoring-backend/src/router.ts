import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { createApiRouter } from '@greenroom/ai-node';
import type express from 'express';
import { createMonitoringRouter } from './monitoring/createMonitoringRouter';
import type { MonitoringService } from './monitoring/MonitoringService';
import type { AuthorizedRecordService } from './records/AuthorizedRecordService';
import { createRecordRouter } from './records/createRecordRouter';

export const PACKAGE_NAME = '@greenroom/plugin-ai-monitoring-backend';

/** Largest batch of records that is taken: about 200,000 records. */
const BATCH_LIMIT_BYTES = 8 * 1024 * 1024;

export async function createRouter(options: {
  httpAuth: HttpAuthService;
  monitoring: MonitoringService;
  records: AuthorizedRecordService;
}): Promise<express.Router> {
  const router = await createApiRouter({
    packageName: PACKAGE_NAME,
    jsonLimitBytes: BATCH_LIMIT_BYTES,
  });
  router.use(createRecordRouter(options));
  router.use(createMonitoringRouter(options));
  return router;
}
