import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  Model,
  ModelChanges,
  ModelQuery,
  ModelSearch,
  NewModel,
  Page,
  SearchPage,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ModelService } from './ModelService';

export function createModelRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  models: ModelService;
}): express.Router {
  const { auditor, httpAuth, models } = options;
  const router = Router();

  router.get<{}, Page<Model>, never, ModelQuery>(
    '/models',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await models.list(req.query, { credentials }));
    },
  );

  router.post<{}, Model, NewModel>('/models', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const model = await audited(
      auditor,
      {
        eventId: 'model-create',
        request: req,
        meta: { model: req.body.name ?? req.body.externalName },
      },
      () => models.create(req.body, { credentials }),
    );
    res.status(201).json(model);
  });

  router.post<{}, SearchPage<Model>, ModelSearch>(
    '/model-searches',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await models.search(req.body, { credentials }));
    },
  );

  router.get('/models/:model', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await models.get(req.params.model, { credentials }));
  });

  router.patch<{ model: string }, Model, ModelChanges>(
    '/models/:model',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { model } = req.params;
      const changed = await audited(
        auditor,
        { eventId: 'model-update', request: req, meta: { model } },
        () => models.update(model, req.body, { credentials }),
      );
      res.json(changed);
    },
  );

  return router;
}
