import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { ModelAsOf } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import { parseMoment } from './parseMoment';
import type { AuthorizedAsOfReader } from './AuthorizedAsOfReader';

export function createAsOfRouter(options: {
  httpAuth: HttpAuthService;
  reader: AuthorizedAsOfReader;
}): express.Router {
  const { httpAuth, reader } = options;
  const router = Router();

  router.get<
    { model: string },
    ModelAsOf,
    never,
    { at: string; limit?: number; cursor?: string }
  >('/models/:model/as-of', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { model } = req.params;
    const query = { ...req.query, model, at: parseMoment(req.query.at) };
    res.json(await reader.read(query, { credentials }));
  });

  return router;
}
