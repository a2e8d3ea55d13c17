import type { DataPlaneStatus } from '@greenroom/plugin-ai-inference-common';

type Seen = Pick<
  DataPlaneStatus,
  'environment' | 'online' | 'snapshotId' | 'snapshotAsOf'
>;

/** Whether a data plane serves an older snapshot than another one of its environment. */
export function isBehind(one: Seen, all: readonly Seen[]): boolean {
  if (!one.online || one.snapshotAsOf === undefined) return false;
  const asOf = one.snapshotAsOf;
  return all.some(
    other =>
      other.online &&
      other.environment === one.environment &&
      other.snapshotId !== one.snapshotId &&
      other.snapshotAsOf !== undefined &&
      other.snapshotAsOf > asOf,
  );
}
