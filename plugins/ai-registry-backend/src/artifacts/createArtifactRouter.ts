import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited, checkUpload, sendArtifact } from '@greenroom/ai-node';
import type { Artifact, Digest } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { CollectionReport } from './ArtifactCollector';
import type { ArtifactService } from './ArtifactService';

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
    });
    await sendArtifact(req, res, {
      artifact,
      open: range => artifacts.open(artifact, range),
    });
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
