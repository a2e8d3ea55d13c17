import type { TokenScope } from '@greenroom/ai-node';
import { aiSnapshotReadPermission } from '@greenroom/plugin-ai-inference-common';

const PERMISSIONS = [
  aiSnapshotReadPermission.name,
  'ai-registry.artifact.read',
  'ai-monitoring.record.write',
  'ai-training.job.forward',
];

/** What any data plane may do, in its own environment and nowhere else. */
export function dataPlaneScopes(environment: string): TokenScope[] {
  return PERMISSIONS.map(permission => ({
    permission,
    on: [`${environment}/*`],
  }));
}
