import { type PermittedOptions, permitted } from '@greenroom/ai-node';
import { aiDataPlaneOperatePermission } from '@greenroom/plugin-ai-inference-common';
import { placeRef } from '@greenroom/plugin-ai-registry-common';

/** Lets those through who may operate the data planes of the environment that the route's path names. */
export function mayOperate(
  options: Pick<
    PermittedOptions,
    'httpAuth' | 'permissions' | 'allow' | 'auditRefusal'
  >,
): ReturnType<typeof permitted> {
  const { httpAuth, permissions, allow, auditRefusal } = options;
  return permitted({
    httpAuth,
    permissions,
    allow,
    auditRefusal,
    permission: aiDataPlaneOperatePermission,
    resourceRef: ({ params }) =>
      placeRef({ environment: params.environment, model: '*' }),
  });
}
