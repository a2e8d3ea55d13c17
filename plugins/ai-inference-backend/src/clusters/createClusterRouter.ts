import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import {
  aiDeploymentReadPermission,
  type ClusterOverview,
} from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ClusterService } from './ClusterService';

export function createClusterRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  clusters: Pick<ClusterService, 'list'>;
}): express.Router {
  const router = Router();

  router.get(
    '/clusters',
    permitted({ ...options, permission: aiDeploymentReadPermission }),
    async (_req, res) => {
      const items = await options.clusters.list();
      res.json({ items } satisfies { items: ClusterOverview[] });
    },
  );

  return router;
}
