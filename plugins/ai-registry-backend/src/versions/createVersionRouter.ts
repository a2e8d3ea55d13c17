import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  ModelVersion,
  NewVersion,
  Page,
  VersionComparison,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { VersionService } from './VersionService';

export function createVersionRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  versions: VersionService;
}): express.Router {
  const { auditor, httpAuth, versions } = options;
  const router = Router();

  router.get<
    { model: string },
    Page<ModelVersion>,
    never,
    { limit?: number; cursor?: string }
  >('/models/:model/versions', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query = { ...req.query, model: req.params.model };
    res.json(await versions.list(query, { credentials }));
  });

  router.post<{ model: string }, ModelVersion, NewVersion>(
    '/models/:model/versions',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { model } = req.params;
      const { digest } = req.body;
      const version = await audited(
        auditor,
        { eventId: 'version-create', request: req, meta: { model, digest } },
        () => versions.create(model, req.body, { credentials }),
      );
      res.status(201).json(version);
    },
  );

  router.get('/models/:model/versions/:version', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { model, version } = req.params;
    const ref = { model, version: Number(version) };
    res.json(await versions.get(ref, { credentials }));
  });

  router.get<
    { model: string },
    VersionComparison,
    never,
    { base: number; candidate: number }
  >('/models/:model/compare', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const pair = { ...req.query, model: req.params.model };
    res.json(await versions.compare(pair, { credentials }));
  });

  return router;
}
