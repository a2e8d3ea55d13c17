import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type {
  DriftResponse,
  DriftTimeline,
  HealthPage,
  HealthQuery,
  Hole,
  IngestStatus,
  Marker,
  TimeRange,
  TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ModelScope, MonitoringService } from './MonitoringService';

export function createMonitoringRouter(options: {
  httpAuth: HttpAuthService;
  monitoring: MonitoringService;
}): express.Router {
  const { httpAuth, monitoring } = options;
  const router = Router();
  const model = '/environments/:environment/models/:model';

  router.get('/health', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query: HealthQuery = req.query;
    const page = await monitoring.listHealth(query, { credentials });
    res.json(page satisfies HealthPage);
  });

  router.get('/ingest', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const status = await monitoring.getIngestStatus({ credentials });
    res.json(status satisfies IngestStatus);
  });

  router.get('/environments/:environment/holes', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query = { ...req.params, ...timesOf(req) };
    const items = await monitoring.listHoles(query, { credentials });
    res.json({ items } satisfies { items: Hole[] });
  });

  router.get(`${model}/traffic`, async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query = { ...req.params, ...timesOf(req) };
    const items = await monitoring.getTraffic(query, { credentials });
    res.json({ items } satisfies { items: TrafficSeries[] });
  });

  router.get(`${model}/markers`, async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query = { ...req.params, ...timesOf(req) };
    const items = await monitoring.listMarkers(query, { credentials });
    res.json({ items } satisfies { items: Marker[] });
  });

  router.get(`${model}/versions/:version/drift`, async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query = { ...versionOf(req), ...timesOf(req) };
    const drift = await monitoring.getDrift(query, { credentials });
    res.json(drift satisfies DriftResponse);
  });

  router.get(`${model}/versions/:version/drift-timeline`, async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query = { ...versionOf(req), ...timesOf(req) };
    const timeline = await monitoring.getDriftTimeline(query, { credentials });
    res.json(timeline satisfies DriftTimeline);
  });

  return router;
}

/** The OpenAPI document requires both. */
function timesOf({ query }: express.Request): TimeRange {
  return { from: String(query.from), to: String(query.to) };
}

function versionOf({
  params,
}: express.Request<ModelScope & { version: string }>) {
  return { ...params, version: Number(params.version) };
}
