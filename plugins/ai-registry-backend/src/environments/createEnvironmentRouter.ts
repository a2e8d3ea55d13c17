import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type {
  DesiredDeployments,
  Environment,
  EnvironmentDefinition,
  EnvironmentProblem,
  GitHostDescription,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { GitHost } from './GitHost';
import type { EnvironmentService } from './EnvironmentService';

export function createEnvironmentRouter(options: {
  httpAuth: HttpAuthService;
  environments: EnvironmentService;
  gitHost: Pick<GitHost, 'describe'>;
}): express.Router {
  const { httpAuth, environments, gitHost } = options;
  const router = Router();

  router.get<{}, GitHostDescription>('/git-host', async (req, res) => {
    await httpAuth.credentials(req);
    res.json(gitHost.describe());
  });

  router.get<{}, { items: readonly EnvironmentDefinition[] }>(
    '/environments',
    async (req, res) => {
      await httpAuth.credentials(req);
      res.json({ items: environments.list() });
    },
  );

  router.get<
    { environment: Environment },
    DesiredDeployments,
    never,
    { model?: string }
  >('/environments/:environment/deployments', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { environment } = req.params;
    const { model } = req.query;
    const where = { environment, ...(model !== undefined && { model }) };
    res.json(await environments.deployments(where, { credentials }));
  });

  router.get<{}, { items: EnvironmentProblem[] }>(
    '/environment-problems',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json({ items: await environments.problems({ credentials }) });
    },
  );

  return router;
}
