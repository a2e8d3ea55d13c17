import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  Conversion,
  NewConversion,
} from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ConversionService } from './ConversionService';

const PATH = '/models/:model/versions/:version/conversion';

export function createConversionRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  conversions: ConversionService;
}): express.Router {
  const { auditor, httpAuth, conversions } = options;
  const router = Router();

  router.get<VersionParams, { conversion: Conversion | null }>(
    PATH,
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const found = await conversions.find(ref, { credentials, req });
      res.json({ conversion: found ?? null });
    },
  );

  router.post<VersionParams, Conversion, NewConversion>(
    PATH,
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const conversion = await audited(
        auditor,
        { eventId: 'version-convert', request: req, meta: { ...ref } },
        () => conversions.start(ref, req.body, { credentials, req }),
      );
      res.status(201).json(conversion);
    },
  );

  return router;
}

type VersionParams = { model: string; version: string };

function refOf({ model, version }: VersionParams) {
  return { model, version: Number(version) };
}
