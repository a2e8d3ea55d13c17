import type { Secrets } from '../secrets/Secrets';
import type { Upstream } from '../upstream/Upstream';

/** What providers are built from. */
export interface ConnectionParts {
  /** Name of the connection, for people. */
  name: string;
  secrets: Secrets;
  /** For tokens that are fetched; calls of callers are sent by whoever prepares them. */
  upstream: Upstream;
}
