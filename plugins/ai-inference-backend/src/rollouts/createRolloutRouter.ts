import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  Rollout,
  SteeringAct,
} from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { RolloutService } from './RolloutService';

const ACTS: SteeringAct[] = ['pause', 'resume', 'skip', 'abort', 'restart'];

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

  for (const act of ACTS) {
    router.post(`/rollouts/:id/${act}`, async (request, res) => {
      const credentials = await httpAuth.credentials(request, {
        allow: ['user', 'service'],
      });
      const { id } = request.params;
      const { reason } = request.body;
      const rollout = await audited(
        auditor,
        { eventId: `rollout-${act}`, request, meta: { id } },
        () => rollouts.steer(id, { act, reason }, { credentials }),
      );
      res.json(rollout satisfies Rollout);
    });
  }

  return router;
}
