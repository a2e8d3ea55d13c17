import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { MlBom } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import { type MlBomSources, readMlBom } from './readMlBom';

export function createMlBomRouter(
  options: MlBomSources & { httpAuth: HttpAuthService },
): express.Router {
  const { httpAuth, ...sources } = options;
  const router = Router();

  router.get<{ model: string; version: string }, MlBom>(
    '/models/:model/versions/:version/ml-bom',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = {
        model: req.params.model,
        version: Number(req.params.version),
      };
      const bom = await readMlBom(ref, sources, { credentials });
      res.type('application/vnd.cyclonedx+json; version=1.6').json(bom);
    },
  );

  return router;
}
