import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { ModelOverview } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import { type OverviewSources, readOverview } from './readOverview';

export function createOverviewRouter(
  options: OverviewSources & { httpAuth: HttpAuthService },
): express.Router {
  const { httpAuth, ...sources } = options;
  const router = Router();

  router.get<{ model: string }, ModelOverview>(
    '/models/:model/overview',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await readOverview(req.params.model, sources, { credentials }));
    },
  );

  return router;
}
