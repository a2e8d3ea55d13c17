import type {
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { permitted } from '@greenroom/ai-node';
import {
  aiMonitoringReadPermission,
  type CandidateDrift,
  type DriftResponse,
  type DriftTimeline,
  type HealthPage,
  type HealthQuery,
  type Hole,
  type IngestStatus,
  type Marker,
  type TimeRange,
  type TrafficSeries,
} from '@greenroom/plugin-ai-monitoring-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ModelScope, MonitoringService } from './MonitoringService';

export function createMonitoringRouter(options: {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  monitoring: MonitoringService;
}): express.Router {
  const { monitoring } = options;
  const router = Router();
  const mayRead = permitted({
    ...options,
    permission: aiMonitoringReadPermission,
  });
  const model = '/environments/:environment/models/:model';

  router.get('/health', mayRead, async (req, res) => {
    const query: HealthQuery = req.query;
    const page = await monitoring.listHealth(query);
    res.json(page satisfies HealthPage);
  });

  router.get('/ingest', mayRead, async (_req, res) => {
    const status = await monitoring.getIngestStatus();
    res.json(status satisfies IngestStatus);
  });

  router.get('/environments/:environment/holes', mayRead, async (req, res) => {
    const query = { ...req.params, ...timesOf(req) };
    const items = await monitoring.listHoles(query);
    res.json({ items } satisfies { items: Hole[] });
  });

  router.get(`${model}/traffic`, mayRead, async (req, res) => {
    const query = { ...req.params, ...timesOf(req) };
    const items = await monitoring.getTraffic(query);
    res.json({ items } satisfies { items: TrafficSeries[] });
  });

  router.get(`${model}/markers`, mayRead, async (req, res) => {
    const query = { ...req.params, ...timesOf(req) };
    const items = await monitoring.listMarkers(query);
    res.json({ items } satisfies { items: Marker[] });
  });

  router.get(`${model}/versions/:version/drift`, mayRead, async (req, res) => {
    const query = { ...versionOf(req), ...timesOf(req) };
    const drift = await monitoring.getDrift(query);
    res.json(drift satisfies DriftResponse);
  });

  router.get(
    `${model}/versions/:version/drift-for/:candidate`,
    mayRead,
    async (req, res) => {
      const candidate = Number(req.params.candidate);
      const query = { ...versionOf(req), ...timesOf(req), candidate };
      const drift = await monitoring.getCandidateDrift(query);
      res.json(drift satisfies CandidateDrift);
    },
  );

  router.get(
    `${model}/versions/:version/drift-timeline`,
    mayRead,
    async (req, res) => {
      const query = { ...versionOf(req), ...timesOf(req) };
      const timeline = await monitoring.getDriftTimeline(query);
      res.json(timeline satisfies DriftTimeline);
    },
  );

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
