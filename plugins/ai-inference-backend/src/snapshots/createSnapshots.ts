import type { InferenceParts } from '../inferenceParts';
import { ChangeStore } from './ChangeStore';
import { createSnapshotRouter } from './createSnapshotRouter';
import { DocumentFollower } from './DocumentFollower';
import { SnapshotService } from './SnapshotService';

/** What data planes ask for, and what they tell. */
export function createSnapshots(
  parts: InferenceParts & {
    /** Called when a data plane tells something new about what it has loaded. */
    onLoadedChanged(): void;
  },
) {
  const { config, knex, pages } = parts;
  const portalUrl = config.portalUrl?.replace(/\/+$/, '');
  const snapshots = new SnapshotService({
    ...parts,
    connections: config.connections,
    documents: new DocumentFollower({
      ...parts,
      changes: new ChangeStore({ knex }),
      linkOf: model =>
        portalUrl === undefined ? undefined : portalUrl + pages.model(model),
      connections: config.connections,
      batching: config.batching,
      recordedRowsPerSecond: config.recordedRowsPerSecond,
    }),
  });
  return {
    router: createSnapshotRouter({ ...parts, snapshots }),
    /** Ends all questions that wait. */
    stop: () => snapshots.stop(),
  };
}
