// @ts-check
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Top folder of the repository. */
export const root = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../..',
);

/** Node and other tools that are downloaded when the machine lacks them. */
export const toolsDirectory = path.join(root, '.tools');

/** What can be rebuilt at any time. */
export const cacheDirectory = path.join(root, '.cache');

/** What takes minutes to get and is the same for all clones. */
export function userCacheDirectory() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.join(base, 'greenroom');
}

/** Database, artifacts, Git repositories, secrets and logs. Worth a back-up. */
export const dataDirectory = path.resolve(
  root,
  process.env.GREENROOM_DATA_DIR ?? '.data',
);

export const logsDirectory = path.join(dataDirectory, 'logs');
