import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { audited, type AuditedOptions } from '@greenroom/ai-node';
import type { DataPlaneRepair } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { RepairService } from './RepairService';
import { mayOperate } from './mayOperate';

const CALLERS: ('user' | 'service')[] = ['user', 'service'];

export function createRepairRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  repairs: Pick<RepairService, 'repair'>;
}): express.Router {
  const { auditor, httpAuth, repairs } = options;
  const router = Router();

  router.post(
    '/environments/:environment/data-plane/repair',
    mayOperate({
      ...options,
      allow: CALLERS,
      auditRefusal: { auditor, event: eventOf },
    }),
    async (request, res) => {
      const credentials = await httpAuth.credentials(request, {
        allow: CALLERS,
      });
      const { environment } = request.params;
      const repair = await audited(auditor, eventOf(request), () =>
        repairs.repair(environment, { credentials }),
      );
      res.json(repair satisfies DataPlaneRepair);
    },
  );

  return router;
}

function eventOf(request: express.Request): AuditedOptions {
  const { environment } = request.params;
  return {
    eventId: 'data-plane-repair',
    request,
    severityLevel: 'medium',
    meta: { environment },
  };
}
