import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import {
  aiDeploymentReadPermission,
  type Comparison,
  type DataPlaneStatus,
  type Deployment,
  type Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { Page } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { DeploymentService } from './DeploymentService';

const DEFAULT_DEPLOYMENTS = 100;
const DEFAULT_ROLLOUTS = 50;

/** What the OpenAPI document declares for these paths. */
interface Query {
  environment?: string;
  model?: string;
  limit?: number;
}

interface DeploymentsQuery extends Query {
  models?: string[];
  running?: boolean;
  cursor?: string;
}

export function createDeploymentRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  deployments: DeploymentService;
}): express.Router {
  const { deployments } = options;
  const router = Router();
  const mayRead = permitted({
    ...options,
    permission: aiDeploymentReadPermission,
  });

  router.get('/deployments', mayRead, async (req, res) => {
    const { limit = DEFAULT_DEPLOYMENTS, ...query }: DeploymentsQuery =
      req.query;
    const page = await deployments.listDeployments({ ...query, limit });
    res.json(page satisfies Page<Deployment>);
  });

  router.get('/rollouts', mayRead, async (req, res) => {
    const { limit = DEFAULT_ROLLOUTS, ...query }: Query = req.query;
    const items = await deployments.listRollouts({ ...query, limit });
    res.json({ items } satisfies { items: Rollout[] });
  });

  router.get('/comparisons/:id', mayRead, async (req, res) => {
    const comparison = await deployments.getComparison(req.params.id);
    res.json(comparison satisfies Comparison);
  });

  router.get('/data-planes', mayRead, async (req, res) => {
    const { withModels = true }: { withModels?: boolean } = req.query;
    const items = await deployments.listDataPlanes({ withModels });
    res.json({ items } satisfies { items: DataPlaneStatus[] });
  });

  return router;
}
