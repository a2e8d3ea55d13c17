// @ts-check
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Copies the files of a folder. Those that vanish meanwhile, as those of a running database do, are left out.
 *
 * @param {object} options
 * @param {string} options.from
 * @param {string} options.to
 * @param {(relative: string) => boolean} [options.takes] - whether a file, or what is in a folder, is copied; by its
 *   path below the folder, with slashes
 */
export async function copyFolder({ from, to, takes = () => true }) {
  const copyBelow = async relative => {
    await mkdir(path.join(to, relative), { recursive: true });
    for (const entry of await list(path.join(from, relative))) {
      const below = path.posix.join(relative, entry.name);
      if (!takes(below)) continue;
      if (entry.isDirectory()) await copyBelow(below);
      else if (entry.isFile()) {
        await copyIfThere(path.join(from, below), path.join(to, below));
      }
    }
  };
  await copyBelow('');
}

/** Copies a file, with who may read it; nothing where there is none. */
export async function copyIfThere(from, to) {
  try {
    await mkdir(path.dirname(to), { recursive: true });
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** Paths of all folders below a folder, with slashes: what carries a backup may leave empty ones out. */
export async function listFolders(folder) {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter(entry => entry.isDirectory())
    .map(({ parentPath, name }) => below(folder, path.join(parentPath, name)));
}

/**
 * What each file below a folder is, by its path with slashes.
 *
 * @returns {Promise<Record<string, { bytes: number, sha256: string }>>}
 */
export async function measureFolder(folder) {
  /** @type {Record<string, { bytes: number, sha256: string }>} */
  const measured = {};
  for (const entry of await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    measured[below(folder, file)] = await measureFile(file);
  }
  return measured;
}

function below(folder, file) {
  return path.relative(folder, file).split(path.sep).join('/');
}

async function measureFile(file) {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(file), async chunks => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  });
  return { bytes, sha256: hash.digest('hex') };
}

async function list(folder) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
