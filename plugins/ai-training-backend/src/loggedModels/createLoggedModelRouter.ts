import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { LoggedModelSummary } from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { RunService } from '../runs/RunService';
import type { LoggedModelService } from './LoggedModelService';

export function createLoggedModelRouter(options: {
  httpAuth: HttpAuthService;
  models: LoggedModelService;
  runs: Pick<RunService, 'get'>;
}): express.Router {
  const { httpAuth, models, runs } = options;
  const router = Router();

  router.get<{ run: string }, { items: LoggedModelSummary[] }>(
    '/runs/:run/logged-models',
    async (req, res) => {
      const call = { credentials: await httpAuth.credentials(req) };
      const run = await runs.get(req.params.run, call);
      res.json({ items: await models.listOfRun(run, call) });
    },
  );

  return router;
}
