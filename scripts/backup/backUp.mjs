// @ts-check
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { step, UserError } from '../lib/output.mjs';
import { root } from '../lib/paths.mjs';
import { dataOf, MAJOR } from '../lib/postgres.mjs';
import { copyDatabase } from './copyDatabase.mjs';
import { dumpDatabase } from './databaseTools.mjs';
import {
  copyFolder,
  copyIfThere,
  listFolders,
  measureFolder,
} from './files.mjs';
import {
  ARTIFACTS,
  DATA_PLANE_FOLDERS,
  DATABASE_DUMP,
  DATABASE_FOLDER,
  FORMAT_VERSION,
  isSecretOfDataPlane,
  KEPT_FILES,
  MANIFEST,
  REPOSITORY,
} from './parts.mjs';

/**
 * Copies everything that cannot be made again into a new folder, while Greenroom runs or not. The database comes first,
 * and then what it speaks of: an artifact is kept for hours after nothing uses it, and what is merged in Git and unknown
 * to the database is applied by it after a restore.
 *
 * @param {object} options
 * @param {string} options.dataDirectory
 * @param {string} options.target - absolute path; must not be there, or be empty
 * @param {string} [options.databaseUrl] - of a server in the place of the embedded one
 * @param {string} options.password - of the embedded one's superuser
 * @throws UserError that says what to do
 */
export async function backUp(options) {
  const { dataDirectory, target } = options;
  if (!existsSync(path.join(dataDirectory, 'secrets.json'))) {
    throw new UserError(
      `There are no data in ${dataDirectory} to back up. GREENROOM_DATA_DIR names another folder.`,
    );
  }
  if (existsSync(target) && (await readdir(target)).length > 0) {
    throw new UserError(
      `${target} is not empty: name a folder that is not there yet.`,
    );
  }
  // What is not whole must not look like a backup.
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const at = name => path.join(unfinished, name);
  const from = name => path.join(dataDirectory, name);

  await step('Copying the database', () => copyTheDatabase(options, at));
  await step('Copying artifacts', () =>
    copyFolder({ from: from(ARTIFACTS), to: at(ARTIFACTS) }),
  );
  await step('Copying Git, secrets and keys', async () => {
    await copyRepository(from(REPOSITORY), at(REPOSITORY));
    for (const name of KEPT_FILES) await copyIfThere(from(name), at(name));
    for (const name of DATA_PLANE_FOLDERS) {
      await copyFolder({
        from: from(name),
        to: at(name),
        takes: isSecretOfDataPlane,
      });
    }
  });
  const files = await step('Reading it once more', () =>
    measureFolder(unfinished),
  );
  requireDigests(files);
  const manifest = {
    formatVersion: FORMAT_VERSION,
    greenroom: versionOfGreenroom(),
    createdAt: new Date().toISOString(),
    database: options.databaseUrl
      ? { kind: 'dump' }
      : { kind: 'files', major: MAJOR },
    folders: await listFolders(unfinished),
    files,
  };
  await writeFile(at(MANIFEST), JSON.stringify(manifest, null, 1));
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
  const sizes = Object.values(files).map(({ bytes }) => bytes);
  return {
    files: sizes.length,
    bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/**
 * @param {{ dataDirectory: string, databaseUrl?: string, password: string }} options
 * @param {(name: string) => string} at
 */
async function copyTheDatabase({ dataDirectory, databaseUrl, password }, at) {
  if (databaseUrl) {
    await dumpDatabase(databaseUrl, at(DATABASE_DUMP));
    return;
  }
  const data = dataOf(path.join(dataDirectory, DATABASE_FOLDER));
  if (!existsSync(path.join(data, 'PG_VERSION'))) {
    throw new UserError(`There is no database in ${data}.`);
  }
  await copyDatabase({ data, to: at(DATABASE_FOLDER), password });
}

/** As Git does it, which knows what belongs together while others push. */
async function copyRepository(from, to) {
  if (!existsSync(from)) return;
  const git = promisify(execFile);
  await git('git', ['clone', '-q', '--mirror', '--no-hardlinks', from, to]);
  // It is a repository of its own, and no mirror of what is lost then.
  await git('git', ['-C', to, 'config', '--remove-section', 'remote.origin']);
}

/** The name of an artifact says what is in it. */
function requireDigests(files) {
  const wrong = Object.entries(files).find(
    ([name, { sha256 }]) =>
      name.startsWith(`${ARTIFACTS}/`) && path.posix.basename(name) !== sha256,
  );
  if (!wrong) return;
  throw new UserError(
    `The artifact ${wrong[0]} is damaged: its content is another than its name says. Put an intact copy in its place, or withdraw the version that has it, and try again.`,
  );
}

function versionOfGreenroom() {
  const file = path.join(root, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}
