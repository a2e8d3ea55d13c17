import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import type { Consumer } from '@greenroom/plugin-ai-inference-common';
import { aiModelUpdatePermission } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ConsumerStore } from './ConsumerStore';

export function createConsumerRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  consumers: ConsumerStore;
  clock: () => Date;
}): express.Router {
  const { consumers, clock } = options;
  const router = Router();

  router.get(
    '/models/:model/consumers',
    permitted({
      ...options,
      allow: ['user', 'service'],
      permission: aiModelUpdatePermission,
      resourceRef: ({ params }) => params.model,
    }),
    async (req, res) => {
      const items = await consumers.of(req.params.model, clock());
      res.json({ items } satisfies { items: Consumer[] });
    },
  );

  return router;
}
