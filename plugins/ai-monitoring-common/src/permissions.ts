import { createPermission } from '@backstage/plugin-permission-common';

export const aiMonitoringReadPermission = createPermission({
  name: 'ai-monitoring.read',
  attributes: { action: 'read' },
});

export const aiMonitoringPermissions = [aiMonitoringReadPermission];
