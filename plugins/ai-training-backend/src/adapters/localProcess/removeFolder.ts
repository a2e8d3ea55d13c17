import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { runTool } from './runTool';

const CHMOD_LIMIT_MILLIS = 60_000;

/**
 * Removes a folder that a program may have left in any state. It is out of the way at once, and nobody ever sees
 * half of it.
 *
 * @param options.trash - a folder on the same disk, for what is being removed
 */
export async function removeFolder(
  folder: string,
  { trash }: { trash: string },
): Promise<void> {
  const away = join(trash, randomUUID());
  await mkdir(trash, { recursive: true });
  try {
    await rename(folder, away);
  } catch (error) {
    if (Object(error).code === 'ENOENT') return;
    throw error;
  }
  await remove(away);
}

/** What was being removed when this process ended; what cannot be removed stays, and is told. */
export async function emptyTrash(
  trash: string,
  onTrouble: (error: unknown) => void,
): Promise<void> {
  for (const name of await readdir(trash).catch(() => [])) {
    await remove(join(trash, name)).catch(onTrouble);
  }
}

async function remove(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(Object(error).code)) throw error;
    // Folders that their owner may not write to.
    await runTool('chmod', ['-R', 'u+rwX', folder], {
      environment: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
      timeoutMillis: CHMOD_LIMIT_MILLIS,
    });
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
