import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  audited,
  type AuditedOptions,
  permitted,
  userRefOf,
} from '@greenroom/ai-node';
import {
  aiDeploymentReadPermission,
  type LeftoverList,
  type LeftoverRemoval,
} from '@greenroom/plugin-ai-inference-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ClusterLeftovers } from '../adapters/kubernetes/ClusterLeftovers';
import type { InferenceChanges } from '../events/announcement';
import { mayOperate } from './mayOperate';

const CALLERS: ('user' | 'service')[] = ['user', 'service'];

export function createLeftoverRouter(options: {
  auditor: AuditorService;
  changes: InferenceChanges;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  leftovers: ClusterLeftovers;
}): express.Router {
  const { auditor, changes, httpAuth, leftovers } = options;
  const router = Router();

  router.get(
    '/leftovers',
    permitted({ ...options, permission: aiDeploymentReadPermission }),
    async (_req, res) => {
      res.json((await leftovers.list()) satisfies LeftoverList);
    },
  );

  router.post(
    '/environments/:environment/leftovers/removal',
    mayOperate({
      ...options,
      allow: CALLERS,
      auditRefusal: { auditor, event: eventOf },
    }),
    async (request, res) => {
      const credentials = await httpAuth.credentials(request, {
        allow: CALLERS,
      });
      const asked = removalOf(request);
      const { environment, ids, dryRun } = asked;
      const removal = await audited(auditor, eventOf(request), async () => {
        if (!dryRun) {
          // Before: what was removed in a cluster cannot be taken back with a transaction.
          await changes.transaction(tx =>
            changes.record(tx, {
              action: 'leftovers-removal-asked',
              actor: userRefOf(credentials),
              environment,
              after: { ids },
              announce: [],
            }),
          );
        }
        return await leftovers.remove(asked);
      });
      res.json(removal satisfies LeftoverRemoval);
    },
  );

  return router;
}

function removalOf(request: express.Request) {
  const { environment } = request.params;
  const { ids, dryRun } = request.body as { ids: string[]; dryRun: boolean };
  return { environment, ids, dryRun };
}

function eventOf(request: express.Request): AuditedOptions {
  return {
    eventId: 'leftovers-remove',
    request,
    severityLevel: 'high',
    meta: removalOf(request),
  };
}
