import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiSnapshotReadPermission,
  type DataPlaneReport,
  type Snapshot,
} from '@greenroom/plugin-ai-inference-common';
import type { SnapshotService } from './SnapshotService';

/** Asks for the permission on the whole environment before it delegates. */
export class AuthorizedSnapshotService {
  readonly #snapshots: SnapshotService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    snapshots: SnapshotService;
    permissions: PermissionsService;
  }) {
    this.#snapshots = options.snapshots;
    this.#permissions = options.permissions;
  }

  async exchange(
    environment: string,
    report: DataPlaneReport,
    options: { credentials: BackstageCredentials },
  ): Promise<Snapshot> {
    await requirePermission(this.#permissions, {
      permission: aiSnapshotReadPermission,
      resourceRef: `${environment}/*`,
      credentials: options.credentials,
    });
    return this.#snapshots.exchange(environment, report);
  }
}
