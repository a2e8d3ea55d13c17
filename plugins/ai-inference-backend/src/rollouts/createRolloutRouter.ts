import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { RolloutService } from './RolloutService';

export function createRolloutRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  rollouts: RolloutService;
}): express.Router {
  const { auditor, httpAuth, rollouts } = options;
  const router = Router();

  router.post('/rollouts/:id/retry', async (request, res) => {
    const credentials = await httpAuth.credentials(request, {
      allow: ['user', 'service'],
    });
    const { id } = request.params;
    const rollout = await audited(
      auditor,
      { eventId: 'rollout-retry', request, meta: { id } },
      () => rollouts.retry(id, { credentials }),
    );
    res.json(rollout satisfies Rollout);
  });

  return router;
}
