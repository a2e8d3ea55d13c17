import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { audited, permitted } from '@greenroom/ai-node';
import {
  aiArtifactReadPermission,
  type EvaluationAnswers,
  type EvaluationAnswersQuery,
  type EvaluationReply,
  type EvaluationReport,
  type EvaluationRun,
  type EvaluationWork,
  type NewEvaluationRun,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import express from 'express';
import Router from 'express-promise-router';
import type { VersionRef } from '../versions/VersionService';
import type { EvaluationRunService } from './EvaluationRunService';
import type { WorkService } from './WorkService';

type VersionParams = { model: string; version: string };
type RunParams = VersionParams & { run: string };

export function createEvaluationRunRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  runs: EvaluationRunService;
  work: WorkService;
}): express.Router {
  const { auditor, httpAuth, runs, work } = options;
  const router = Router();
  const all = '/models/:model/versions/:version/evaluation-runs';

  router.post<VersionParams, EvaluationRun, NewEvaluationRun>(
    all,
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const { environment, dataset } = req.body;
      const run = await audited(
        auditor,
        {
          eventId: 'evaluation-run-create',
          request: req,
          meta: { ...ref, environment, dataset: { ...dataset } },
        },
        () => runs.create(ref, req.body, { credentials }),
      );
      res.status(202).json(run);
    },
  );

  router.get<
    VersionParams,
    { items: EvaluationRun[] },
    never,
    { limit?: number }
  >(all, async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const items = await runs.list(refOf(req.params), req.query, {
      credentials,
    });
    res.json({ items });
  });

  router.get<RunParams, EvaluationRun>(`${all}/:run`, async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const run = await runs.get(req.params.run, { credentials });
    res.json(checkPlace(run, req.params));
  });

  router.get<RunParams, EvaluationAnswers, never, EvaluationAnswersQuery>(
    `${all}/:run/answers`,
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { run: id } = req.params;
      checkPlace(await runs.get(id, { credentials }), req.params);
      res.json(await runs.listAnswers(id, req.query, { credentials }));
    },
  );

  router.delete<RunParams, EvaluationRun>(`${all}/:run`, async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { run: id } = req.params;
    const run = await audited(
      auditor,
      {
        eventId: 'evaluation-run-cancel',
        request: req,
        meta: { ...req.params },
      },
      async () => {
        checkPlace(await runs.get(id, { credentials }), req.params);
        return runs.cancel(id, { credentials });
      },
    );
    res.json(run);
  });

  const dataPlanes = permitted({
    ...options,
    allow: ['service'],
    // Who may have the files of all that an environment runs, is one of its data planes.
    permission: aiArtifactReadPermission,
    resourceRef: ({ params }) =>
      placeRef({ environment: params.environment, model: '*' }),
  });

  router.post<
    { environment: string },
    EvaluationWork,
    { producer: string; waitSeconds: number }
  >(
    '/environments/:environment/evaluation-work',
    dataPlanes,
    async (req, res) => {
      const gone = new AbortController();
      res.once('close', () => gone.abort());
      // While it was asked who it is.
      if (res.closed) gone.abort();
      const found = await work.take(req.params.environment, {
        ...req.body,
        signal: gone.signal,
      });
      if (found) res.json(found);
      else res.status(204).end();
    },
  );

  router.post<
    { environment: string; run: string },
    EvaluationReply,
    EvaluationReport
  >(
    '/environments/:environment/evaluation-work/:run',
    dataPlanes,
    async (req, res) => {
      const { environment, run: id } = req.params;
      res.json(await work.report({ environment, id }, req.body));
    },
  );

  return router;
}

function refOf({ model, version }: VersionParams): VersionRef {
  return { model, version: Number(version) };
}

/** @throws NotFoundError when the run is of another version than the address says */
function checkPlace(run: EvaluationRun, params: RunParams): EvaluationRun {
  const { model, version } = refOf(params);
  if (run.model === model && run.version === version) return run;
  throw new NotFoundError(
    `There is no evaluation run '${run.id}' of version ${version} of '${model}'`,
  );
}
