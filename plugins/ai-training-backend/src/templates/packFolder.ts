import { InputError } from '@backstage/errors';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';

/** What nobody means to train with: what tools have put there, and Git's own. */
const LEFT_OUT = new Set([
  '.git',
  '.venv',
  'venv',
  'node_modules',
  '__pycache__',
  '.ipynb_checkpoints',
  '.pytest_cache',
  'mlruns',
  '.DS_Store',
]);
export const MOST_SOURCE_FILES = 5_000;
export const MOST_SOURCE_BYTES = 64 * 1024 * 1024;
/** The same folder is the same bytes, whenever and by whomever it is packed. */
const MTIME = new Date(0);

/**
 * Packs a folder as tar.gz: files and folders, without links.
 *
 * @throws InputError when it is larger than code is
 */
export async function* packFolder(folder: string): AsyncIterable<Uint8Array> {
  const files = await listFiles(folder);
  yield* create(
    {
      cwd: folder,
      gzip: true,
      portable: true,
      mtime: MTIME,
      noDirRecurse: true,
    },
    // A name that begins with @ would be read as an archive.
    files.map(file => `./${file}`),
  ) as AsyncIterable<Uint8Array>;
}

/**
 * Says of one file after the other, in any order, whether it belongs to a template's code.
 *
 * @returns of a path below the template's folder and its size
 * @throws InputError when all that were taken are more than code is
 */
export function isTaken(): (path: string, sizeBytes: number) => boolean {
  let files = 0;
  let bytes = 0;
  return (path, sizeBytes) => {
    if (path.split('/').some(name => LEFT_OUT.has(name))) return false;
    files += 1;
    bytes += sizeBytes;
    if (files > MOST_SOURCE_FILES) {
      throw tooLarge(`more than ${MOST_SOURCE_FILES} files`);
    }
    if (bytes > MOST_SOURCE_BYTES) {
      throw tooLarge(`more than ${MOST_SOURCE_BYTES} bytes`);
    }
    return true;
  };
}

async function listFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  const take = isTaken();
  const look = async (path: string): Promise<void> => {
    for (const name of (await readdir(join(folder, path))).sort()) {
      if (LEFT_OUT.has(name)) continue;
      const inner = path === '' ? name : `${path}/${name}`;
      const stat = await lstat(join(folder, inner));
      if (stat.isDirectory()) {
        await look(inner);
      } else if (stat.isFile() && take(inner, stat.size)) {
        files.push(inner);
      }
    }
  };
  await look('');
  return files;
}

function tooLarge(what: string): InputError {
  return new InputError(
    `The folder of the template has ${what}: keep code there, and register data as a dataset`,
  );
}
