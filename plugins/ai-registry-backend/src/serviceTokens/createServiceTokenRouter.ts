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
  aiServiceTokenManagePermission,
  type IssuedServiceToken,
  type ServiceToken,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ServiceTokenService } from './ServiceTokenService';

/** Only people: a token that could issue tokens would have all permissions. */
const CALLERS: ['user'] = ['user'];

export function createServiceTokenRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  serviceTokens: ServiceTokenService;
}): express.Router {
  const { auditor, httpAuth, serviceTokens } = options;
  const router = Router();
  /** @param event - of a change; reading is told of by nobody */
  const managers = (event?: (request: express.Request) => AuditedOptions) =>
    permitted({
      ...options,
      permission: aiServiceTokenManagePermission,
      allow: CALLERS,
      ...(event && { auditRefusal: { auditor, event } }),
    });
  const managerOf = async <P>(request: express.Request<P>) =>
    userRefOf(
      await httpAuth.credentials(request as express.Request, {
        allow: CALLERS,
      }),
    );

  router.get('/service-tokens', managers(), async (_request, res) => {
    const items: ServiceToken[] = await serviceTokens.list();
    res.json({ items });
  });

  router.post('/service-tokens', managers(issueOf), async (request, res) => {
    const issuer = await managerOf(request);
    const token = await audited(auditor, issueOf(request), () =>
      serviceTokens.issue(request.body, issuer),
    );
    res.status(201).json(token satisfies IssuedServiceToken);
  });

  router.post(
    '/service-tokens/:name/revoke',
    managers(revokeOf),
    async (request, res) => {
      const revokedBy = await managerOf(request);
      const token = await audited(auditor, revokeOf(request), () =>
        serviceTokens.revoke(request.params.name, revokedBy),
      );
      res.json(token satisfies ServiceToken);
    },
  );

  return router;
}

function issueOf(request: express.Request): AuditedOptions {
  const { name, owner } = request.body;
  return { eventId: 'service-token-issue', request, meta: { name, owner } };
}

function revokeOf(request: express.Request): AuditedOptions {
  const { name } = request.params;
  return { eventId: 'service-token-revoke', request, meta: { name } };
}
