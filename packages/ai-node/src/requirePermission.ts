import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type AuthorizePermissionRequest,
} from '@backstage/plugin-permission-common';

export type PermissionQuestion = AuthorizePermissionRequest & {
  credentials: BackstageCredentials;
};

/** Whether the caller may do it. */
export async function isPermitted(
  permissions: PermissionsService,
  question: PermissionQuestion,
): Promise<boolean> {
  const { credentials, ...request } = question;
  const [decision] = await permissions.authorize([request], { credentials });
  return decision.result === AuthorizeResult.ALLOW;
}

/** Throws a NotAllowedError that names the missing permission when the caller may not do it. */
export async function requirePermission(
  permissions: PermissionsService,
  question: PermissionQuestion,
): Promise<void> {
  if (!(await isPermitted(permissions, question))) {
    const on = question.resourceRef ? ` on '${question.resourceRef}'` : '';
    throw new NotAllowedError(
      `You need the permission '${question.permission.name}'${on}: ask its owner or a platform administrator`,
    );
  }
}
