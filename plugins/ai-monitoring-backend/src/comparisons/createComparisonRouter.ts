import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import {
  aiMonitoringReadPermission,
  type ComparisonHistory,
  type ComparisonReport,
} from '@greenroom/plugin-ai-monitoring-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ComparisonService } from './ComparisonService';
import { toCsv } from './historyPoints';

export function createComparisonRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  service: ComparisonService;
}): express.Router {
  const { service } = options;
  const router = Router();
  const mayRead = permitted({
    ...options,
    permission: aiMonitoringReadPermission,
  });

  router.get('/comparisons/:comparison', mayRead, async (req, res) => {
    const report = await service.getReport(req.params.comparison);
    res.json(report satisfies ComparisonReport);
  });

  router.get('/comparisons/:comparison/history', mayRead, async (req, res) => {
    const history = await service.getHistory(req.params.comparison);
    res.json(history satisfies ComparisonHistory);
  });

  router.get(
    '/comparisons/:comparison/results.csv',
    mayRead,
    async (req, res) => {
      const { points } = await service.getHistory(req.params.comparison);
      res.attachment(`${req.params.comparison}.csv`);
      res.type('text/csv').send(toCsv(points));
    },
  );

  return router;
}
