import { randomUUID } from 'node:crypto';
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findDamage } from './fetchFile';

/**
 * Gives a file another name, when it has the right bytes. Files of artifacts are replaced and never
 * written to, so that both names can go on alone.
 *
 * @returns whether it is there under the new name; not when there is none, it is damaged, or the
 *   disk cannot do it.
 */
export async function linkFile(
  from: string,
  to: { file: string; digest: string },
): Promise<boolean> {
  const { file, digest } = to;
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await link(from, temporary);
    if ((await findDamage(temporary, digest)) !== 'none') return false;
    await rename(temporary, file);
    return true;
  } catch {
    return false;
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}
