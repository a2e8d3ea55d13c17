import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { requirePermission } from '@greenroom/ai-node';
import type {
  RecordBatch,
  RecordReceipt,
} from '@greenroom/plugin-ai-inference-common';
import { aiRecordWritePermission } from '@greenroom/plugin-ai-monitoring-common';
import type { RecordService } from './RecordService';

/** Takes records only of the environment that the sender may speak for. */
export class AuthorizedRecordService {
  readonly #records: RecordService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    records: RecordService;
    permissions: PermissionsService;
  }) {
    this.#records = options.records;
    this.#permissions = options.permissions;
  }

  async receive(
    batch: RecordBatch,
    options: { credentials: BackstageCredentials },
  ): Promise<RecordReceipt> {
    await requirePermission(this.#permissions, {
      permission: aiRecordWritePermission,
      resourceRef: `${batch.environment}/*`,
      credentials: options.credentials,
    });
    return this.#records.receive(batch);
  }
}
