import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import type { RecentRow } from '@greenroom/plugin-ai-monitoring-common';
import { aiModelReviewPermission } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import { MOST_ROWS, type RecentRowStore } from './RecentRowStore';

/** For those who answer for the model or review what becomes of it: rows are what callers sent. */
export function createRecentRowRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  store: RecentRowStore;
}): express.Router {
  const { store } = options;
  const router = Router();
  const mayReview = permitted({
    ...options,
    permission: aiModelReviewPermission,
    resourceRef: ({ params }) => `${params.environment}/${params.model}`,
  });

  router.get(
    '/environments/:environment/models/:model/recent-rows',
    mayReview,
    async (req, res) => {
      const { version, limit } = req.query;
      const items = await store.list({
        ...req.params,
        ...(version !== undefined && { version: Number(version) }),
        limit: limit === undefined ? MOST_ROWS : Number(limit),
      });
      res.json({ items } satisfies { items: RecentRow[] });
    },
  );

  return router;
}
