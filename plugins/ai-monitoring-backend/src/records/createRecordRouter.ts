import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { RecordReceipt } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { AuthorizedRecordService } from './AuthorizedRecordService';

/** What data planes send, with a service token. */
export function createRecordRouter(options: {
  httpAuth: HttpAuthService;
  records: AuthorizedRecordService;
}): express.Router {
  const { httpAuth, records } = options;
  const router = Router();

  router.post('/records', async (req, res) => {
    const credentials = await httpAuth.credentials(req, { allow: ['service'] });
    const receipt = await records.receive(req.body, { credentials });
    res.json(receipt satisfies RecordReceipt);
  });

  return router;
}
