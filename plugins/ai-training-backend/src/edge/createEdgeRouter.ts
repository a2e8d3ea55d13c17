import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { audited, permitted } from '@greenroom/ai-node';
import { placeRef } from '@greenroom/plugin-ai-registry-common';
import {
  aiJobForwardPermission,
  type JobPage,
  type JobQuery,
  KEY_ID_HEADER,
  KEY_OWNER_HEADER,
  type NewJob,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import { sendLogPart } from '../jobs/createJobRouter';
import type { ForwardedJobService, KeyHolder } from './ForwardedJobService';

const PATH = '/edge/environments/:environment/jobs';

type Place = { environment: string };
type JobPlace = Place & { job: string };

/** What data planes pass on for holders of keys. They alone say who that is, so nobody else comes in here. */
export function createEdgeRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  jobs: ForwardedJobService;
}): express.Router {
  const { auditor, jobs } = options;
  const router = Router();
  router.use(
    PATH,
    permitted({
      ...options,
      allow: ['service'],
      permission: aiJobForwardPermission,
      resourceRef: ({ params }) =>
        placeRef({ environment: params.environment, model: '*' }),
    }),
  );

  router.get<Place, JobPage, never, JobQuery>(PATH, async (req, res) => {
    res.json(await jobs.list(req.query, holderOf(req)));
  });

  router.post<Place, TrainingJob, NewJob>(PATH, async (req, res) => {
    const holder = holderOf(req);
    const { template } = req.body;
    const job = await audited(
      auditor,
      {
        eventId: 'training-job-submit',
        request: req,
        meta: { template, key: holder.keyId },
      },
      () => jobs.submit(req.body, holder),
    );
    res.status(201).json(job);
  });

  router.get<JobPlace>(`${PATH}/:job`, async (req, res) => {
    res.json(await jobs.get(req.params.job, holderOf(req)));
  });

  for (const act of ['cancel', 'retry'] as const) {
    router.post<JobPlace>(`${PATH}/:job/${act}`, async (req, res) => {
      const holder = holderOf(req);
      const { job } = req.params;
      const after = await audited(
        auditor,
        {
          eventId: `training-job-${act}`,
          request: req,
          meta: { job, key: holder.keyId },
        },
        () => jobs[act](job, holder),
      );
      res.json(after);
    });
  }

  router.get<JobPlace, unknown, never, { attempt?: number; fromByte?: number }>(
    `${PATH}/:job/log`,
    async (req, res) => {
      const holder = holderOf(req);
      const { job } = req.params;
      await sendLogPart(req, res, part => jobs.readLog(job, part, holder));
    },
  );

  return router;
}

function holderOf(req: Pick<express.Request, 'get'>): KeyHolder {
  const keyId = req.get(KEY_ID_HEADER);
  const owner = req.get(KEY_OWNER_HEADER);
  if (keyId && owner) return { keyId, owner };
  throw new InputError(
    `The headers ${KEY_ID_HEADER} and ${KEY_OWNER_HEADER} say for which key it is asked: expected both`,
  );
}
