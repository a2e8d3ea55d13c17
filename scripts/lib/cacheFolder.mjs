// @ts-check
import os from 'node:os';
import path from 'node:path';

/** Where what is costly to make is kept, outside of all clones. */
export function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.join(base, 'greenroom');
}
