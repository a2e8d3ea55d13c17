import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { audited, type AuditedOptions, permitted } from '@greenroom/ai-node';
import {
  aiDeploymentReadPermission,
  type DataPlaneRun,
  type EnvironmentDataPlane,
  type EnvironmentPods,
  type PodLog,
} from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { EnvironmentService } from './EnvironmentService';
import type { PodLogQuery, PodReader } from './Deployer';
import { mayOperate } from './mayOperate';

const CALLERS: ('user' | 'service')[] = ['user', 'service'];

const DEFAULT_TAIL_LINES = 200;

export function createEnvironmentRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  environments: Pick<EnvironmentService, 'list' | 'setWanted' | 'wake'>;
  pods: PodReader;
}): express.Router {
  const { auditor, httpAuth, environments, pods } = options;
  const router = Router();

  router.get(
    '/environments',
    permitted({ ...options, permission: aiDeploymentReadPermission }),
    async (_req, res) => {
      const items = await environments.list();
      res.json({ items } satisfies { items: EnvironmentDataPlane[] });
    },
  );

  router.post(
    '/environments/:environment/data-plane',
    mayOperate({
      ...options,
      allow: CALLERS,
      auditRefusal: { auditor, event: eventOf },
    }),
    async (request, res) => {
      const credentials = await httpAuth.credentials(request, {
        allow: CALLERS,
      });
      const changed = await audited(auditor, eventOf(request), () =>
        environments.setWanted(changeOf(request), { credentials }),
      );
      res.status(202).json(changed satisfies EnvironmentDataPlane);
    },
  );

  // As the playground does by itself when somebody tries a model.
  router.post(
    '/environments/:environment/data-plane/wake',
    mayOperate({
      ...options,
      allow: ['service'],
    }),
    async (request, res) => {
      const run = await environments.wake(request.params.environment);
      res.json({ run } satisfies { run: DataPlaneRun });
    },
  );

  router.get(
    '/environments/:environment/data-plane/pods',
    permitted({ ...options, permission: aiDeploymentReadPermission }),
    async (request, res) => {
      const shown = await pods.list(request.params.environment);
      res.json(shown satisfies EnvironmentPods);
    },
  );

  router.get(
    '/environments/:environment/data-plane/pods/:pod/log',
    mayOperate({
      ...options,
      allow: CALLERS,
      auditRefusal: { auditor, event: logEventOf },
    }),
    async (request, res) => {
      const log = await audited(auditor, logEventOf(request), () =>
        pods.log(logQueryOf(request)),
      );
      res.json(log satisfies PodLog);
    },
  );

  return router;
}

function changeOf(request: express.Request) {
  const { environment } = request.params;
  const { wanted } = request.body as { wanted: boolean };
  return { environment, wanted };
}

function logQueryOf({ params, query }: express.Request): PodLogQuery {
  const { environment, pod } = params;
  const { tailLines, previous } = query;
  return {
    environment,
    pod,
    tailLines: Number(tailLines ?? DEFAULT_TAIL_LINES),
    previous: String(previous) === 'true',
  };
}

/** Who has seen what a process wrote; not what that was. */
function logEventOf(request: express.Request): AuditedOptions {
  return {
    eventId: 'pod-log-read',
    request,
    severityLevel: 'medium',
    meta: { ...logQueryOf(request) },
  };
}

function eventOf(request: express.Request): AuditedOptions {
  return {
    eventId: 'data-plane-operate',
    request,
    severityLevel: 'medium',
    meta: changeOf(request),
  };
}
