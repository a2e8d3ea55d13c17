// @ts-check
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

/** Database, artifacts, Git repositories, secrets and logs. Worth a back-up. */
export const dataDirectory = path.resolve(
  root,
  process.env.GREENROOM_DATA_DIR ?? '.data',
);

export const logsDirectory = path.join(dataDirectory, 'logs');
