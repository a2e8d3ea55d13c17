import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type { Artifact, Digest } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { CollectionReport } from './ArtifactCollector';
import type { ArtifactService } from './ArtifactService';
import type { ByteRange } from '@greenroom/artifact-store';
import { checkUpload, sendFile } from './transfer';

export function createArtifactRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  artifacts: ArtifactService;
  maxBytes: number;
}): express.Router {
  const { auditor, httpAuth, artifacts, maxBytes } = options;
  const router = Router();

  router.post<{}, Artifact>('/artifacts', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    checkUpload(req, maxBytes);
    const cancel = new AbortController();
    res.once('close', () => cancel.abort());
    const artifact = await audited(
      auditor,
      { eventId: 'artifact-upload', request: req },
      () =>
        // Breaking off must not close the connection before the answer is sent.
        artifacts.upload(req.iterator({ destroyOnReturn: false }), {
          credentials,
          signal: cancel.signal,
        }),
    );
    res.status(201).json(artifact);
  });

  router.get<{ digest: Digest }>('/artifacts/:digest', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const artifact = await artifacts.find(req.params.digest, { credentials });
    res.set({
      'Content-Type': 'application/octet-stream',
      'Cache-Control': 'private, max-age=31536000, immutable, no-transform',
      ETag: `"${artifact.digest}"`,
      'Accept-Ranges': 'bytes',
    });
    if (isKnownToCaller(req, artifact)) {
      res.status(304).end();
      return;
    }
    const range = readRange(req, artifact);
    if (range === 'unsatisfiable') {
      res.status(416).set('Content-Range', `bytes */${artifact.sizeBytes}`);
      res.end();
      return;
    }
    const { start, end } = range ?? { start: 0, end: artifact.sizeBytes - 1 };
    if (range) {
      res.status(206);
      res.set('Content-Range', `bytes ${start}-${end}/${artifact.sizeBytes}`);
    }
    res.set('Content-Length', String(end - start + 1));
    if (req.method === 'HEAD' || end < start) {
      res.end();
      return;
    }
    await sendFile(await artifacts.open(artifact, { start, end }), res);
  });

  router.post<{}, CollectionReport, { dryRun?: boolean }>(
    '/artifacts/collect',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { dryRun = false } = req.body;
      const report = await audited(
        auditor,
        { eventId: 'artifact-collect', request: req, meta: { dryRun } },
        () => artifacts.collect({ dryRun }, { credentials }),
      );
      res.json(report);
    },
  );

  return router;
}

/** The content never changes, so `Cache-Control: no-cache` of the request does not matter. */
function isKnownToCaller(
  req: express.Request<{ digest: Digest }>,
  artifact: Artifact,
): boolean {
  const known = req.get('if-none-match') ?? '';
  return known === '*' || known.includes(`"${artifact.digest}"`);
}

/** The one range that is asked for; undefined means everything. */
function readRange(
  req: express.Request<{ digest: Digest }>,
  artifact: Artifact,
): ByteRange | 'unsatisfiable' | undefined {
  const condition = req.get('if-range');
  if (condition !== undefined && condition !== `"${artifact.digest}"`) {
    return undefined;
  }
  const ranges = req.range(artifact.sizeBytes);
  if (ranges === -1) return 'unsatisfiable';
  if (!Array.isArray(ranges) || ranges.type !== 'bytes') return undefined;
  // Several ranges at once are allowed to be answered with everything.
  return ranges.length === 1 ? ranges[0] : undefined;
}
