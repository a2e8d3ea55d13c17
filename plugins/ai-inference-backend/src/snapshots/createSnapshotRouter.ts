import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Snapshot } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { AuthorizedSnapshotService } from './AuthorizedSnapshotService';

/** What data planes ask, with a service token, every two seconds. */
export function createSnapshotRouter(options: {
  httpAuth: HttpAuthService;
  snapshots: AuthorizedSnapshotService;
}): express.Router {
  const { httpAuth, snapshots } = options;
  const router = Router();

  router.post('/environments/:environment/snapshot', async (req, res) => {
    const credentials = await httpAuth.credentials(req, { allow: ['service'] });
    const { environment } = req.params;
    const snapshot = await snapshots.exchange(environment, req.body, {
      credentials,
    });
    const etag = `"${snapshot.id}"`;
    res.set('ETag', etag);
    if (req.headers['if-none-match'] === etag) {
      res.status(304).end();
      return;
    }
    res.json(snapshot satisfies Snapshot);
  });

  return router;
}
