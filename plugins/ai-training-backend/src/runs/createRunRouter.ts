import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type {
  MetricSeries,
  MetricSeriesQuery,
  RunPage,
  RunQuery,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { MetricService } from '../metrics/MetricService';
import type { RunLists } from './RunLists';
import type { RunService } from './RunService';

export function createRunRouter(options: {
  httpAuth: HttpAuthService;
  runs: RunService;
  lists: RunLists;
  metrics: MetricService;
}): express.Router {
  const { httpAuth, runs, lists, metrics } = options;
  const router = Router();

  router.get<
    { experiment: string },
    RunPage,
    never,
    Omit<RunQuery, 'experiment'>
  >('/experiments/:experiment/runs', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { experiment } = req.params;
    res.json(await lists.list({ ...req.query, experiment }, { credentials }));
  });

  router.get('/runs/:run', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await runs.get(req.params.run, { credentials }));
  });

  // A question that is longer than an address may be.
  router.post<{}, { items: MetricSeries[] }, MetricSeriesQuery>(
    '/metric-series',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json({ items: await metrics.readSeries(req.body, { credentials }) });
    },
  );

  return router;
}
