import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  Retraining,
  RetrainingQuery,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { RetrainingService } from './RetrainingService';

export function createRetrainingRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  retrainings: RetrainingService;
}): express.Router {
  const { auditor, httpAuth, retrainings } = options;
  const router = Router();

  router.get<{}, { items: Retraining[] }, never, RetrainingQuery>(
    '/retrainings',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json({ items: await retrainings.list(req.query, { credentials }) });
    },
  );

  for (const act of ['pause', 'resume', 'start'] as const) {
    router.post<
      { environment: string; model: string },
      Retraining,
      { reason?: string }
    >(`/retrainings/:environment/:model/${act}`, async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { environment, model } = req.params;
      const after = await audited(
        auditor,
        {
          eventId: `retraining-${act}`,
          request: req,
          meta: { environment, model },
        },
        () =>
          retrainings.steer(
            { environment, model },
            { do: act, ...(act === 'pause' && { reason: req.body.reason }) },
            { credentials },
          ),
      );
      res.json(after);
    });
  }

  return router;
}
