import type { BackstageCredentials } from '@backstage/backend-plugin-api';

/** Who calls. */
export interface CallOptions {
  credentials: BackstageCredentials;
}
