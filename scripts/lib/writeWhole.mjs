// @ts-check
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes files so that whoever reads one meanwhile has the old one or the new one: a program that is begun while it is
 * bundled again would else be half of itself, or nothing, and would end as if all were well.
 *
 * @param {{ path: string, contents: Uint8Array }[]} files - as esbuild gives them where it writes none
 */
export async function writeWhole(files) {
  for (const file of files) {
    await mkdir(path.dirname(file.path), { recursive: true });
    const beside = `${file.path}.${process.pid}.new`;
    await writeFile(beside, file.contents);
    await rename(beside, file.path);
  }
}
