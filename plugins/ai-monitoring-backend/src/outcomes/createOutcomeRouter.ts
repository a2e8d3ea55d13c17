import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import {
  aiMonitoringReadPermission,
  type AiMonitoringClient,
} from '@greenroom/plugin-ai-monitoring-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { OutcomeService } from './OutcomeService';

export function createOutcomeRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  service: OutcomeService;
}): express.Router {
  const { service } = options;
  const router = Router();
  const mayRead = permitted({
    ...options,
    permission: aiMonitoringReadPermission,
  });

  router.get(
    '/environments/:environment/models/:model/outcomes',
    mayRead,
    async (req, res) => {
      const { from, to } = req.query;
      const times = { from: String(from), to: String(to) };
      const outcomes = await service.list({ ...req.params, ...times });
      res.json(
        outcomes satisfies Awaited<
          ReturnType<AiMonitoringClient['listOutcomes']>
        >,
      );
    },
  );

  return router;
}
