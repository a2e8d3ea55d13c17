import { join } from 'node:path';

/** Where each environment has its secrets, below the folder of data. */
const FOLDER = 'secrets';

/**
 * Folders in which secrets of connections are looked for, the first one that has a file wins. Each
 * environment has its own, so that one does not get the secrets of another.
 *
 * @param options.named - the one folder that somebody named; undefined for the data plane's own
 * @returns absolute paths, if those of the options are
 */
export function secretFolders(options: {
  named: string | undefined;
  dataDirectory: string;
  environment: string;
}): string[] {
  const { named, dataDirectory, environment } = options;
  if (named !== undefined) return [named];
  return [
    join(dataDirectory, environment, FOLDER),
    // Of an earlier release, in which all environments of a folder of data had one.
    join(dataDirectory, FOLDER),
  ];
}
