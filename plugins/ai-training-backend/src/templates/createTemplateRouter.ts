import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import {
  TEMPLATE_SCHEMA_FILE,
  trainingTemplateJsonSchema,
} from '@greenroom/manifest';
import type {
  TemplateLocation,
  TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { TemplateService } from './TemplateService';

/** Editors ask for it at each start, and have no token. */
const SCHEMA_MAX_AGE_SECONDS = 300;

/** Where it is open to everybody: it says nothing that the published package does not. */
export const SCHEMAS_PATH = '/schemas';

export function createTemplateRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  templates: TemplateService;
}): express.Router {
  const { auditor, httpAuth, templates } = options;
  const router = Router();
  const schema = JSON.stringify(trainingTemplateJsonSchema());

  router.get(`${SCHEMAS_PATH}/${TEMPLATE_SCHEMA_FILE}`, (_req, res) => {
    res.setHeader('Cache-Control', `public, max-age=${SCHEMA_MAX_AGE_SECONDS}`);
    res.type('application/schema+json').send(schema);
  });

  router.get<{}, { items: TrainingTemplate[] }>(
    '/templates',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json({ items: await templates.list({ credentials }) });
    },
  );

  router.post<{}, TrainingTemplate, { location: TemplateLocation }>(
    '/templates',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { location } = req.body;
      const template = await audited(
        auditor,
        {
          eventId: 'training-template-register',
          request: req,
          meta: { target: location.target },
        },
        () => templates.register(location, { credentials }),
      );
      res.status(201).json(template);
    },
  );

  router.get('/templates/:template', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await templates.get(req.params.template, { credentials }));
  });

  router.post('/templates/:template/refresh', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { template } = req.params;
    const refreshed = await audited(
      auditor,
      {
        eventId: 'training-template-refresh',
        request: req,
        meta: { template },
      },
      () => templates.refresh(template, { credentials }),
    );
    res.json(refreshed);
  });

  router.delete('/templates/:template', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { template } = req.params;
    await audited(
      auditor,
      { eventId: 'training-template-delete', request: req, meta: { template } },
      () => templates.delete(template, { credentials }),
    );
    res.status(204).end();
  });

  return router;
}
