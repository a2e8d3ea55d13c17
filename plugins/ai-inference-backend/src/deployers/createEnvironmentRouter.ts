import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type { EnvironmentDataPlane } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { EnvironmentService } from './EnvironmentService';

export function createEnvironmentRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  environments: EnvironmentService;
}): express.Router {
  const { auditor, httpAuth, environments } = options;
  const router = Router();

  router.get('/environments', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const items = await environments.list({ credentials });
    res.json({ items } satisfies { items: EnvironmentDataPlane[] });
  });

  router.post('/environments/:environment/data-plane', async (request, res) => {
    const credentials = await httpAuth.credentials(request, {
      allow: ['user', 'service'],
    });
    const { environment } = request.params;
    const { wanted } = request.body as { wanted: boolean };
    const changed = await audited(
      auditor,
      {
        eventId: 'data-plane-operate',
        request,
        severityLevel: 'medium',
        meta: { environment, wanted },
      },
      () => environments.setWanted({ environment, wanted }, { credentials }),
    );
    res.status(202).json(changed satisfies EnvironmentDataPlane);
  });

  return router;
}
