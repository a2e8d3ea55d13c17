import { usePermission } from '@backstage/plugin-permission-react';
import { createPermission } from '@backstage/plugin-permission-common';

/** Looking into how the portal is put together; of no use to anybody but its admins. */
const portalDebugPermission = createPermission({
  name: 'greenroom.portal.debug',
  attributes: { action: 'read' },
});

export function useMayDebugPortal(): boolean {
  return usePermission({ permission: portalDebugPermission }).allowed;
}
