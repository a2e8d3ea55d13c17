import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Snapshot } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { SnapshotService } from './SnapshotService';

/** What data planes ask, with a service token, every two seconds. */
export function createSnapshotRouter(options: {
  httpAuth: HttpAuthService;
  snapshots: SnapshotService;
}): express.Router {
  const { httpAuth, snapshots } = options;
  const router = Router();

  router.post('/environments/:environment/snapshot', async (req, res) => {
    await httpAuth.credentials(req, { allow: ['service'] });
    const snapshot = await snapshots.exchange(req.params.environment, req.body);
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
