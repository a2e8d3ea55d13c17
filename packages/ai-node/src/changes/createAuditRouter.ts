import type {
  BackstageCredentials,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { BasicPermission } from '@backstage/plugin-permission-common';
import type { AuditQuery } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import { isPermitted, requirePermission } from '../requirePermission';
import type { AuditReader, AuditScope } from './AuditReader';

export interface AuditRouterOptions {
  reader: AuditReader;
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  /** Lets somebody read all entries. */
  permission: BasicPermission;
  /** What somebody owns, whose entries may be read without that permission. */
  owned: (
    credentials: BackstageCredentials,
  ) => Promise<Exclude<AuditScope, 'all'>>;
}

/**
 * `GET /audit`: whoever has the permission reads everything, other people read what happened to
 * that which they own. A program needs the permission among its scopes.
 */
export function createAuditRouter(options: AuditRouterOptions): express.Router {
  const { reader, httpAuth } = options;
  const router = Router();
  router.get('/audit', async (req, res) => {
    const credentials = await httpAuth.credentials(req, {
      allow: ['user', 'service'],
    });
    const scope = await scopeOf(credentials, options);
    res.json(await reader.list(req.query as AuditQuery, scope));
  });
  return router;
}

async function scopeOf(
  credentials: BackstageCredentials,
  { permissions, permission, owned }: AuditRouterOptions,
): Promise<AuditScope> {
  const question = { permission, credentials };
  const { type } = credentials.principal as { type: string };
  if (type === 'user') {
    return (await isPermitted(permissions, question))
      ? 'all'
      : owned(credentials);
  }
  await requirePermission(permissions, question);
  return 'all';
}
