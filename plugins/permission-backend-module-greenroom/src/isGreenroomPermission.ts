import type { Permission } from '@backstage/plugin-permission-common';

const PLUGINS = ['ai-registry', 'ai-inference', 'ai-monitoring', 'ai-training'];

/** Whether one of Greenroom's plugins asks: what a policy of one's own may leave to `OwnershipPolicy`. */
export function isGreenroomPermission({ name }: Permission): boolean {
  return PLUGINS.includes(name.split('.')[0]);
}
