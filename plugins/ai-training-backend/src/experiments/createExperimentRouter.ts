import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  Experiment,
  ExperimentChanges,
  ExperimentPage,
  ExperimentQuery,
  NewExperiment,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ExperimentService } from './ExperimentService';

export function createExperimentRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  experiments: ExperimentService;
}): express.Router {
  const { auditor, httpAuth, experiments } = options;
  const router = Router();

  router.get<{}, ExperimentPage, never, ExperimentQuery>(
    '/experiments',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await experiments.list(req.query, { credentials }));
    },
  );

  router.post<{}, Experiment, NewExperiment>(
    '/experiments',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const experiment = await audited(
        auditor,
        {
          eventId: 'experiment-create',
          request: req,
          meta: { name: req.body.name },
        },
        () => experiments.create(req.body, { credentials }),
      );
      res.status(201).json(experiment);
    },
  );

  router.get('/experiments/:experiment', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await experiments.get(req.params.experiment, { credentials }));
  });

  router.patch<{ experiment: string }, Experiment, ExperimentChanges>(
    '/experiments/:experiment',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { experiment } = req.params;
      const changed = await audited(
        auditor,
        { eventId: 'experiment-update', request: req, meta: { experiment } },
        () => experiments.update(experiment, req.body, { credentials }),
      );
      res.json(changed);
    },
  );

  return router;
}
