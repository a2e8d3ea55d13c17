import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import type { RecordReceipt } from '@greenroom/plugin-ai-inference-common';
import { aiRecordWritePermission } from '@greenroom/plugin-ai-monitoring-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { RecordService } from './RecordService';

/** What data planes send, each for the environment that its token may speak for. */
export function createRecordRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  records: RecordService;
}): express.Router {
  const { records } = options;
  const router = Router();
  const mayWrite = permitted({
    ...options,
    allow: ['service'],
    permission: aiRecordWritePermission,
    resourceRef: req => `${req.body.environment}/*`,
  });

  router.post('/records', mayWrite, async (req, res) => {
    const receipt = await records.receive(req.body);
    res.json(receipt satisfies RecordReceipt);
  });

  return router;
}
