import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LentFile } from '../ArtifactStore';

/** Lays files out in a folder of their own, and removes it when the work is done. */
export async function lendFolder<T>(options: {
  /** Absolute path; must not be there yet. */
  folder: string;
  files: readonly LentFile[];
  /** Puts an artifact at a path that is free. */
  place: (file: LentFile, path: string) => Promise<void>;
  work: (folder: string) => Promise<T>;
}): Promise<T> {
  const { folder, files, place, work } = options;
  try {
    await mkdir(folder);
    for (const file of files) {
      const path = join(folder, file.path);
      await mkdir(dirname(path), { recursive: true });
      await place(file, path);
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
