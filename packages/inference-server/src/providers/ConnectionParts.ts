import type { Logger } from '../logger';
import type { Secrets } from '../secrets/Secrets';
import type { Upstream } from '../upstream/Upstream';

/** What the data plane has for models that it runs itself. */
export interface LocalModels {
  /** Absolute path of the folder with them; undefined where there is none. */
  directory: string | undefined;
  /** Absolute path of the program that runs one; undefined where the data plane was started without. */
  program: string | undefined;
}

/** What providers are built from. */
export interface ConnectionParts {
  /** Name of the connection, for people. */
  name: string;
  secrets: Secrets;
  /** For tokens that are fetched; calls of callers are sent by whoever prepares them. */
  upstream: Upstream;
  logger: Logger;
  localModels: LocalModels;
}
