import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Puts a program of the name `git` first in the path.
 *
 * @returns what takes it away again
 */
export async function pretendGit(
  folder: string,
  script: string,
): Promise<() => void> {
  const searchPath = process.env.PATH;
  const file = path.join(folder, 'git');
  await writeFile(file, script);
  await chmod(file, 0o755);
  process.env.PATH = `${folder}:${searchPath}`;
  return () => {
    process.env.PATH = searchPath;
  };
}
