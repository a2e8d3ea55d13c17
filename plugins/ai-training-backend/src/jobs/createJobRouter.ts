import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { audited, sendArtifact } from '@greenroom/ai-node';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type {
  FlavorUse,
  JobPage,
  JobQuery,
  NewJob,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { CallOptions } from '../callOptions';
import type { JobService } from './JobService';
import { readTrainerStatus, type SentTrainerStatus } from './readTrainerStatus';
import { streamLog } from './streamLog';

const MOST_LOG_BYTES = 1024 * 1024;

export function createJobRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  jobs: JobService;
  artifacts: Pick<ArtifactStore, 'stat' | 'open'>;
  listUse(options: CallOptions): Promise<FlavorUse[]>;
}): express.Router {
  const { auditor, httpAuth, jobs, artifacts, listUse } = options;
  const router = Router();

  router.get<{}, JobPage, never, JobQuery>('/jobs', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await jobs.list(req.query, { credentials }));
  });

  router.post<{}, TrainingJob, NewJob>('/jobs', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { template } = req.body;
    const job = await audited(
      auditor,
      { eventId: 'training-job-submit', request: req, meta: { template } },
      () => jobs.submit(req.body, { credentials, req }),
    );
    res.status(201).json(job);
  });

  router.get('/jobs/:job', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await jobs.get(req.params.job, { credentials }));
  });

  router.get('/runs/:run/job', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const job = await jobs.findByRun(req.params.run, { credentials });
    res.json({ job: job ?? null });
  });

  for (const act of ['cancel', 'retry'] as const) {
    router.post<{ job: string }>(`/jobs/:job/${act}`, async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { job } = req.params;
      const after = await audited(
        auditor,
        { eventId: `training-job-${act}`, request: req, meta: { job } },
        () => jobs[act](job, { credentials }),
      );
      res.json(after);
    });
  }

  router.get('/jobs/:job/events', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const items = await jobs.listEvents(req.params.job, { credentials });
    res.json({ items });
  });

  router.post<{ job: string }, unknown, { trainerStatus: SentTrainerStatus }>(
    '/jobs/:job/trainer-status',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const status = readTrainerStatus(req.body.trainerStatus, new Date());
      await jobs.report(req.params.job, status, { credentials });
      res.status(204).end();
    },
  );

  router.get<
    { job: string },
    unknown,
    never,
    { attempt?: number; fromByte?: number }
  >('/jobs/:job/log', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    await sendLogPart(
      req,
      res,
      await jobs.openLog(req.params.job, { credentials }),
    );
  });

  // For the machine that the job runs on.
  router.get('/jobs/:job/source', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const { sourceDigest } = await jobs.get(req.params.job, { credentials });
    const artifact = await artifacts.stat(sourceDigest as Digest);
    if (!artifact) throw new Error(`the source ${sourceDigest} is gone`);
    res.set('Content-Type', 'application/gzip');
    await sendArtifact(req, res, {
      artifact,
      open: range => artifacts.open(artifact.digest, range),
    });
  });

  router.get<{}, { items: FlavorUse[] }>('/flavor-use', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json({ items: await listUse({ credentials }) });
  });

  return router;
}

/** Answers with part of a log, or with all of it as it comes, as the caller would have it. */
export async function sendLogPart(
  req: Pick<express.Request, 'get'> & {
    query: { attempt?: number; fromByte?: number };
  },
  res: express.Response,
  read: Parameters<typeof streamLog>[2]['read'],
): Promise<void> {
  const { attempt, fromByte = 0 } = req.query;
  if (req.get('Accept')?.includes('text/event-stream')) {
    await streamLog(req, res, { attempt, fromByte, read });
    return;
  }
  const part = await read({ attempt, fromByte, mostBytes: MOST_LOG_BYTES });
  res.set({
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Attempt': String(part.attempt),
    'X-From-Byte': String(part.fromByte),
    'X-Is-End': String(part.isEnd),
  });
  res.end(part.bytes);
}
