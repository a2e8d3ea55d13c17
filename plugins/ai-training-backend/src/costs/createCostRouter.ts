import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type {
  CostQuery,
  TrainingCosts,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { CostService } from './CostService';

export function createCostRouter(options: {
  httpAuth: HttpAuthService;
  costs: CostService;
}): express.Router {
  const { httpAuth, costs } = options;
  return Router().get<{}, TrainingCosts, never, CostQuery>(
    '/costs',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await costs.get(req.query, { credentials }));
    },
  );
}
