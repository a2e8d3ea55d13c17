import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import {
  aiSnapshotReadPermission,
  type DataPlaneReportReceipt,
  type SentDataPlaneReport,
} from '@greenroom/plugin-ai-inference-common';
import type { DocumentQuery, SnapshotService } from './SnapshotService';

interface CallOptions {
  credentials: BackstageCredentials;
}

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

  async routes(
    environment: string,
    query: DocumentQuery & { knownId?: string },
    options: CallOptions,
  ): ReturnType<SnapshotService['routes']> {
    await this.#require(environment, options);
    return this.#snapshots.routes(environment, query);
  }

  async access(
    environment: string,
    query: DocumentQuery & { since?: number },
    options: CallOptions,
  ): ReturnType<SnapshotService['access']> {
    await this.#require(environment, options);
    return this.#snapshots.access(environment, query);
  }

  async report(
    environment: string,
    report: SentDataPlaneReport,
    options: CallOptions,
  ): Promise<DataPlaneReportReceipt> {
    await this.#require(environment, options);
    return this.#snapshots.report(environment, report);
  }

  async #require(
    environment: string,
    { credentials }: CallOptions,
  ): Promise<void> {
    await requirePermission(this.#permissions, {
      permission: aiSnapshotReadPermission,
      resourceRef: `${environment}/*`,
      credentials,
    });
  }
}
