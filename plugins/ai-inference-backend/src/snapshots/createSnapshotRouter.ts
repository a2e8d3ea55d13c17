import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import {
  aiSnapshotReadPermission,
  type DataPlaneReportReceipt,
} from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { SnapshotService } from './SnapshotService';

/** What data planes ask, with a service token, and wait for; and what they tell. */
export function createSnapshotRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  snapshots: SnapshotService;
}): express.Router {
  const { snapshots } = options;
  const router = Router();
  const dataPlanes = permitted({
    ...options,
    allow: ['service'],
    permission: aiSnapshotReadPermission,
    // All that an environment runs: its data planes load every model.
    resourceRef: ({ params }) =>
      placeRef({ environment: params.environment, model: '*' }),
  });

  router.get(
    '/environments/:environment/routes',
    dataPlanes,
    async (req, res) => {
      const document = await snapshots.routes(req.params.environment, {
        knownId: req.headers['if-none-match']?.replace(/^"(.*)"$/, '$1'),
        ...waitOf(req, res),
      });
      sendDocument(res, document && { tag: document.id, text: document.text });
    },
  );

  router.get(
    '/environments/:environment/access',
    dataPlanes,
    async (req, res) => {
      const { since } = req.query;
      const document = await snapshots.access(req.params.environment, {
        since: since === undefined ? undefined : Number(since),
        ...waitOf(req, res),
      });
      sendDocument(
        res,
        document && { tag: document.cursor, text: document.text },
      );
    },
  );

  router.post(
    '/environments/:environment/reports',
    dataPlanes,
    async (req, res) => {
      const receipt = await snapshots.report(req.params.environment, req.body);
      res.json(receipt satisfies DataPlaneReportReceipt);
    },
  );

  return router;
}

function waitOf(req: express.Request, res: express.Response) {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  // While it was asked who it is.
  if (res.closed) gone.abort();
  return { waitSeconds: Number(req.query.wait ?? 0), signal: gone.signal };
}

/** The text was made once for all who ask; Express would make its hash for each of them. */
function sendDocument(
  res: express.Response,
  document: { tag: string; text: string } | undefined,
): void {
  if (!document) {
    res.status(304).end();
    return;
  }
  res.set('ETag', `"${document.tag}"`);
  res.type('application/json').send(document.text);
}
