import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type {
  DatasetRun,
  DatasetUseQuery,
  RegistryInput,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { DatasetUses } from './DatasetUses';

/** Which runs read which datasets of the registry. */
export function createDatasetRouter(options: {
  httpAuth: HttpAuthService;
  uses: DatasetUses;
}): express.Router {
  const { httpAuth, uses } = options;
  const router = Router();

  router.get<
    {},
    { items: DatasetRun[]; isCut: boolean },
    never,
    DatasetUseQuery
  >('/dataset-uses', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await uses.listRuns(req.query, { credentials }));
  });

  router.get<{ run: string }, { items: RegistryInput[] }>(
    '/runs/:run/datasets',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const items = await uses.listInputs(req.params.run, { credentials });
      res.json({ items });
    },
  );

  return router;
}
