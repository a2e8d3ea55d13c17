import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type AuthorizePermissionRequest,
} from '@backstage/plugin-permission-common';
import { tokenNameOf } from './serviceToken';

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

/** Throws a NotAllowedError that names what is missing when the caller may not do it. */
export async function requirePermission(
  permissions: PermissionsService,
  question: PermissionQuestion,
): Promise<void> {
  if (!(await isPermitted(permissions, question))) {
    throw new NotAllowedError(explainRefusal(question));
  }
}

function explainRefusal({
  credentials,
  permission: { name },
  resourceRef,
}: PermissionQuestion): string {
  const on = resourceRef ? ` on '${resourceRef}'` : '';
  const program = programOf(credentials);
  if (program === undefined) {
    return `You need the permission '${name}'${on}: ask its owner or a platform administrator`;
  }
  if (program.hasScopes) {
    return `The token '${program.name}' needs a scope with the permission '${name}'${on}: add it in backend.auth.externalAccess, or issue another token`;
  }
  return `The token '${program.name}' has no scopes, and '${name}'${on} needs one: declare the token in backend.auth.externalAccess with the type 'greenroom', as docs/operations.md shows`;
}

/** The program that calls with a token from outside; undefined for people and plugins. */
function programOf({
  principal,
}: BackstageCredentials): { name: string; hasScopes: boolean } | undefined {
  const { type, subject = '' } = principal as {
    type: 'user' | 'service' | 'none';
    subject?: string;
  };
  if (type !== 'service' || subject.startsWith('plugin:')) return undefined;
  const name = tokenNameOf(subject);
  return { name: name ?? subject, hasScopes: name !== undefined };
}
