import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  DeprecatedThing,
  Deprecation,
  NewDeprecation,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { DeprecationService } from './DeprecationService';

type Params = { model: string; version?: string };

export function createDeprecationRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  deprecations: DeprecationService;
}): express.Router {
  const { auditor, httpAuth, deprecations } = options;
  const router = Router();

  for (const path of [
    '/models/:model/deprecation',
    '/models/:model/versions/:version/deprecation',
  ]) {
    router.put<Params, Deprecation, NewDeprecation>(path, async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const thing = thingOf(req.params);
      const deprecation = await audited(
        auditor,
        { eventId: 'deprecation-set', request: req, meta: { ...thing } },
        () => deprecations.put(thing, req.body, { credentials }),
      );
      res.json(deprecation);
    });

    router.delete<Params>(path, async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const thing = thingOf(req.params);
      await audited(
        auditor,
        { eventId: 'deprecation-withdraw', request: req, meta: { ...thing } },
        () => deprecations.withdraw(thing, { credentials }),
      );
      res.status(204).end();
    });
  }

  return router;
}

function thingOf({ model, version }: Params): DeprecatedThing {
  return { model, ...(version !== undefined && { version: Number(version) }) };
}
