import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { audited } from '@greenroom/ai-node';
import type {
  Measurement,
  MeasurementSummary,
  NewMeasurement,
} from '@greenroom/plugin-ai-registry-common';
import express from 'express';
import Router from 'express-promise-router';
import type { VersionRef } from '../versions/VersionService';
import type { MeasurementService } from './MeasurementService';

type VersionParams = { model: string; version: string };
type MeasurementParams = VersionParams & { measurement: string };

export function createMeasurementRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  measurements: MeasurementService;
}): express.Router {
  const { auditor, httpAuth, measurements } = options;
  const router = Router();
  const all = '/models/:model/versions/:version/measurements';

  router.post<VersionParams, Measurement, NewMeasurement>(
    all,
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const { dataset, target } = req.body;
      const measurement = await audited(
        auditor,
        {
          eventId: 'measurement-create',
          request: req,
          meta: { ...ref, dataset: { ...dataset }, target },
        },
        () => measurements.create(ref, req.body, { credentials }),
      );
      res.status(202).json(measurement);
    },
  );

  router.get<
    VersionParams,
    { items: MeasurementSummary[] },
    never,
    { limit?: number }
  >(all, async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const items = await measurements.list(refOf(req.params), req.query, {
      credentials,
    });
    res.json({ items });
  });

  router.get<MeasurementParams, Measurement>(
    `${all}/:measurement`,
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const found = await measurements.get(req.params.measurement, {
        credentials,
      });
      res.json(checkPlace(found, req.params));
    },
  );

  router.delete<MeasurementParams, Measurement>(
    `${all}/:measurement`,
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { measurement: id } = req.params;
      const cancelled = await audited(
        auditor,
        {
          eventId: 'measurement-cancel',
          request: req,
          meta: { ...req.params },
        },
        async () => {
          checkPlace(await measurements.get(id, { credentials }), req.params);
          return measurements.cancel(id, { credentials });
        },
      );
      res.json(cancelled);
    },
  );

  return router;
}

function refOf({ model, version }: VersionParams): VersionRef {
  return { model, version: Number(version) };
}

/** @throws NotFoundError when it is of another version than the address says */
function checkPlace(
  measurement: Measurement,
  params: MeasurementParams,
): Measurement {
  const { model, version } = refOf(params);
  if (measurement.model === model && measurement.version === version) {
    return measurement;
  }
  throw new NotFoundError(
    `There is no measurement '${measurement.id}' of version ${version} of '${model}'`,
  );
}
