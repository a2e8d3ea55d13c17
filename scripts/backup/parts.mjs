// @ts-check
/** Written last: what has none is no backup. */
export const MANIFEST = 'backup.json';
export const FORMAT_VERSION = 1;

export const DATABASE_FOLDER = 'postgres';
/** Of a server that is not embedded, as its own tools write it. */
export const DATABASE_DUMP = 'database.dump';
export const REPOSITORY = 'git/environments.git';
export const ARTIFACTS = 'artifacts/sha256';

/** There from the first to the last moment of a restore: what lies beside it is not whole. */
export const RESTORING = '.restoring';

/** What is in the data folder and is copied file by file, besides the artifacts. */
export const KEPT_FILES = ['secrets.json', 'demo/traffic-key.json'];

/** Folders that may hold secrets of connections: `<environment>/secrets`, and `secrets` for all. */
export const DATA_PLANE_FOLDERS = ['data-plane', 'local-data-planes'];

/** Whether a path below the folder of data planes is one of their secrets, or leads there. */
export function isSecretOfDataPlane(relative) {
  const parts = relative.split('/');
  const at = parts.indexOf('secrets');
  return at < 0 ? parts.length === 1 : at <= 1;
}
