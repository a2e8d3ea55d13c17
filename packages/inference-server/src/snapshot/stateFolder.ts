/** What lies in the folder of a data plane's state: the last good documents, and folders. */
export const ACCESS_FILE = 'access.json';
export const ROUTES_FILE = 'routes.json';
/** Of an earlier release, in which both were one file. */
export const WHOLE_SNAPSHOT_FILE = 'snapshot.json';
export const ARTIFACTS_FOLDER = 'artifacts';
/** Below that of artifacts. */
export const BUNDLES_FOLDER = 'bundles';
export const RECORDS_FOLDER = 'records';
/** A file for each version that is being loaded. */
export const LOADING_FOLDER = 'loading';
