import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type { Model, ModelVersion } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { DeletionService } from './DeletionService';

export function createDeletionRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  deletions: DeletionService;
}): express.Router {
  const { auditor, httpAuth, deletions } = options;
  const router = Router();

  router.delete<{ model: string }>('/models/:model', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { model } = req.params;
    await audited(
      auditor,
      { eventId: 'model-delete', request: req, meta: { model } },
      () => deletions.deleteModel(model, { credentials }),
    );
    res.status(204).end();
  });

  router.post<{ model: string }, Model>(
    '/models/:model/restore',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { model } = req.params;
      const restored = await audited(
        auditor,
        { eventId: 'model-restore', request: req, meta: { model } },
        () => deletions.restoreModel(model, { credentials }),
      );
      res.json(restored);
    },
  );

  router.delete<VersionParams>(
    '/models/:model/versions/:version',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      await audited(
        auditor,
        { eventId: 'version-delete', request: req, meta: { ...ref } },
        () => deletions.deleteVersion(ref, { credentials }),
      );
      res.status(204).end();
    },
  );

  router.post<VersionParams, ModelVersion>(
    '/models/:model/versions/:version/restore',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const restored = await audited(
        auditor,
        { eventId: 'version-restore', request: req, meta: { ...ref } },
        () => deletions.restoreVersion(ref, { credentials }),
      );
      res.json(restored);
    },
  );

  return router;
}

type VersionParams = { model: string; version: string };

function refOf({ model, version }: VersionParams) {
  return { model, version: Number(version) };
}
