import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { DataPlaneReportReceipt } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { AuthorizedSnapshotService } from './AuthorizedSnapshotService';

/** What data planes ask, with a service token, and wait for; and what they tell. */
export function createSnapshotRouter(options: {
  httpAuth: HttpAuthService;
  snapshots: AuthorizedSnapshotService;
}): express.Router {
  const { httpAuth, snapshots } = options;
  const router = Router();

  router.get('/environments/:environment/routes', async (req, res) => {
    const credentials = await httpAuth.credentials(req, { allow: ['service'] });
    const document = await snapshots.routes(
      req.params.environment,
      {
        knownId: req.headers['if-none-match']?.replace(/^"(.*)"$/, '$1'),
        ...waitOf(req, res),
      },
      { credentials },
    );
    sendDocument(res, document && { tag: document.id, text: document.text });
  });

  router.get('/environments/:environment/access', async (req, res) => {
    const credentials = await httpAuth.credentials(req, { allow: ['service'] });
    const { since } = req.query;
    const document = await snapshots.access(
      req.params.environment,
      {
        since: since === undefined ? undefined : Number(since),
        ...waitOf(req, res),
      },
      { credentials },
    );
    sendDocument(
      res,
      document && { tag: document.cursor, text: document.text },
    );
  });

  router.post('/environments/:environment/reports', async (req, res) => {
    const credentials = await httpAuth.credentials(req, { allow: ['service'] });
    const receipt = await snapshots.report(req.params.environment, req.body, {
      credentials,
    });
    res.json(receipt satisfies DataPlaneReportReceipt);
  });

  return router;
}

function waitOf(req: express.Request, res: express.Response) {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
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
