import type { Logger } from '../logger';
import type { Secrets } from '../secrets/Secrets';
import type { Upstream } from '../upstream/Upstream';

/** What providers are built from. */
export interface ConnectionParts {
  /** Name of the connection, for people. */
  name: string;
  secrets: Secrets;
  /** For tokens that are fetched; calls of callers are sent by whoever prepares them. */
  upstream: Upstream;
  logger: Logger;
  /** Folder of the models that the data plane runs itself; undefined where it has none. */
  localModelsDirectory: string | undefined;
}
