import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifPresent } from './ifPresent';

/** What nobody has written to for so long belongs to a process that died. */
export const STALE_MILLIS = 24 * 60 * 60 * 1000;

/** Removes the files and folders in a folder that belong to processes that died. */
export async function removeStaleFiles(folder: string): Promise<void> {
  const oldestMillis = Date.now() - STALE_MILLIS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await ifPresent(stat(path));
    if (found && found.mtimeMs < oldestMillis) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
