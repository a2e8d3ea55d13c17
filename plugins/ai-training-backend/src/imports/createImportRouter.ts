import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  Imported,
  ImportedLoggedModel,
  ImportedRun,
  LoggedModel,
  Run,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ImportService } from './ImportService';

export function createImportRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  imports: ImportService;
}): express.Router {
  const { auditor, httpAuth, imports } = options;
  const router = Router();

  router.post<{ experiment: string }, Imported<Run>, ImportedRun>(
    '/experiments/:experiment/imported-runs',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { experiment } = req.params;
      const imported = await audited(
        auditor,
        {
          eventId: 'run-import',
          request: req,
          meta: { experiment, run: req.body.id },
        },
        () => imports.importRun(experiment, req.body, { credentials }),
      );
      res.status(imported.isNew ? 201 : 200).json(imported);
    },
  );

  router.post<
    { experiment: string },
    Imported<LoggedModel>,
    ImportedLoggedModel
  >('/experiments/:experiment/imported-logged-models', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { experiment } = req.params;
    const imported = await audited(
      auditor,
      {
        eventId: 'logged-model-import',
        request: req,
        meta: { experiment, model: req.body.id },
      },
      () => imports.importLoggedModel(experiment, req.body, { credentials }),
    );
    res.status(imported.isNew ? 201 : 200).json(imported);
  });

  return router;
}
