import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { userRefOf } from '@greenroom/ai-node';

/** Who calls. */
export interface CallOptions {
  credentials: BackstageCredentials;
  /** Who it is recorded of, where that is not whoever calls: `key:<id>` of a key that a data plane has recognised. */
  actor?: string;
}

/** Who a change is recorded of. */
export function actorOf({ credentials, actor }: CallOptions): string {
  return actor ?? userRefOf(credentials);
}
