import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes everything below a folder but these files; links are never followed. */
export async function removeAllBut(
  folder: string,
  paths: readonly string[],
): Promise<void> {
  const folders = new Set(['']);
  for (const path of paths) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      folders.add(path.slice(0, at));
    }
  }
  const files = new Set(paths);
  for (const parent of [...folders].sort()) {
    const entries = await readdir(join(folder, parent), {
      withFileTypes: true,
    }).catch(() => []);
    for (const entry of entries) {
      const path = parent === '' ? entry.name : `${parent}/${entry.name}`;
      const belongs = entry.isDirectory()
        ? folders.has(path)
        : entry.isFile() && files.has(path);
      if (!belongs) {
        await rm(join(folder, path), { recursive: true, force: true });
      }
    }
  }
}
