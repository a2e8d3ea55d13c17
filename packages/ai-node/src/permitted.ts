import type {
  AuditorService,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type {
  BasicPermission,
  ResourcePermission,
} from '@backstage/plugin-permission-common';
import type { NextFunction, Request, Response } from 'express';
import { audited, type AuditedOptions } from './audited';
import { requirePermission } from './requirePermission';

export type PermittedOptions = {
  httpAuth: HttpAuthService;
  permissions: PermissionsService;
  /** Who may come at all; people and programs unless it is said. */
  allow?: ('user' | 'service')[];
  /** Tells the auditor what was refused; the route itself tells what became of the rest. */
  auditRefusal?: {
    auditor: AuditorService;
    event: (req: Request) => AuditedOptions;
  };
} & (
  | { permission: BasicPermission }
  | {
      permission: ResourcePermission;
      /** What the request is about. */
      resourceRef: (req: Request) => string;
    }
);

/** Knows nothing of the parameters in a route's path, so that it fits all. */
type AnyRoute = <P>(req: Request<P>, res: Response, next: NextFunction) => void;

/**
 * The first handler of a route on which one permission decides: lets the request go on, or
 * fails it with what is missing. Where a permission depends on what is found, an
 * `Authorized<Noun>Service` asks instead.
 */
export function permitted(options: PermittedOptions): AnyRoute {
  const { httpAuth, permissions, allow, auditRefusal } = options;
  const decide = async (req: Request) => {
    const credentials = await httpAuth.credentials(req, { allow });
    try {
      await requirePermission(
        permissions,
        'resourceRef' in options
          ? {
              permission: options.permission,
              resourceRef: options.resourceRef(req),
              credentials,
            }
          : { permission: options.permission, credentials },
      );
    } catch (error) {
      if (!auditRefusal) throw error;
      await audited(auditRefusal.auditor, auditRefusal.event(req), () =>
        Promise.reject(error),
      );
    }
  };
  return (req, _res, next) => {
    decide(req as Request).then(() => next(), next);
  };
}
