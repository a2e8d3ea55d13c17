import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type {
  DataPlaneStatus,
  Deployment,
  Rollout,
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
  deployments: DeploymentService;
}): express.Router {
  const { httpAuth, deployments } = options;
  const router = Router();

  router.get('/deployments', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { limit = DEFAULT_DEPLOYMENTS, ...query }: DeploymentsQuery =
      req.query;
    const page = await deployments.listDeployments(
      { ...query, limit },
      { credentials },
    );
    res.json(page satisfies Page<Deployment>);
  });

  router.get('/rollouts', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { limit = DEFAULT_ROLLOUTS, ...query }: Query = req.query;
    const items = await deployments.listRollouts(
      { ...query, limit },
      { credentials },
    );
    res.json({ items } satisfies { items: Rollout[] });
  });

  router.get('/data-planes', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const items = await deployments.listDataPlanes({ credentials });
    res.json({ items } satisfies { items: DataPlaneStatus[] });
  });

  return router;
}
