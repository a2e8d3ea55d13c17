import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type {
  Pipeline,
  PipelineQuery,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { PipelineReader } from './PipelineReader';

export function createPipelineRouter(options: {
  httpAuth: HttpAuthService;
  pipeline: PipelineReader;
}): express.Router {
  const { httpAuth, pipeline } = options;
  const router = Router();

  router.get<{}, Pipeline, never, PipelineQuery & { limit?: string | number }>(
    '/pipeline',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { limit, ...query } = req.query;
      res.json(
        await pipeline.read(
          { ...query, ...(limit !== undefined && { limit: Number(limit) }) },
          { credentials },
        ),
      );
    },
  );

  return router;
}
