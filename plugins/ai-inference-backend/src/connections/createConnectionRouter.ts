import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { audited, type AuditedOptions, permitted } from '@greenroom/ai-node';
import {
  aiDeploymentReadPermission,
  type EnvironmentConnection,
} from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ConnectionService } from './ConnectionService';
import { mayOperate } from '../deployers/mayOperate';

const CALLERS: ('user' | 'service')[] = ['user', 'service'];

export function createConnectionRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  connections: ConnectionService;
}): express.Router {
  const { auditor, httpAuth, connections } = options;
  const router = Router();

  router.get(
    '/environments/:environment/connections',
    permitted({ ...options, permission: aiDeploymentReadPermission }),
    async (req, res) => {
      const items = await connections.list(req.params.environment);
      res.json({ items } satisfies { items: EnvironmentConnection[] });
    },
  );

  router.post(
    '/environments/:environment/connections/:name/check',
    mayOperate({
      ...options,
      allow: CALLERS,
      auditRefusal: { auditor, event: eventOf },
    }),
    async (request, res) => {
      const credentials = await httpAuth.credentials(request, {
        allow: CALLERS,
      });
      const connection = await audited(auditor, eventOf(request), () =>
        connections.check(placeOf(request), { credentials }),
      );
      res.status(202).json(connection satisfies EnvironmentConnection);
    },
  );

  return router;
}

function placeOf({ params }: express.Request) {
  return { environment: params.environment, name: params.name };
}

function eventOf(request: express.Request): AuditedOptions {
  return {
    eventId: 'connection-check',
    request,
    severityLevel: 'medium',
    meta: placeOf(request),
  };
}
