import { createPermission } from '@backstage/plugin-permission-common';

export const aiMonitoringReadPermission = createPermission({
  name: 'ai-monitoring.read',
  attributes: { action: 'read' },
});

/** Tell what happened to an environment's requests. For data planes. Resources are named `<environment>/<model>`. */
export const aiRecordWritePermission = createPermission({
  name: 'ai-monitoring.record.write',
  attributes: { action: 'create' },
  resourceType: 'ai-record',
});

/** Read the whole audit log; without it, people read what happened to that which they own. */
export const aiMonitoringAuditReadPermission = createPermission({
  name: 'ai-monitoring.audit.read',
  attributes: { action: 'read' },
});

export const aiMonitoringPermissions = [
  aiMonitoringAuditReadPermission,
  aiMonitoringReadPermission,
  aiRecordWritePermission,
];
