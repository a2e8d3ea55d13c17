// @ts-check
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { step, UserError } from '../lib/output.mjs';
import { MAJOR, placeDatabase } from '../lib/postgres.mjs';
import { loadDatabase } from './databaseTools.mjs';
import { copyFolder, copyIfThere, measureFolder } from './files.mjs';
import {
  DATA_PLANE_FOLDERS,
  DATABASE_DUMP,
  DATABASE_FOLDER,
  FORMAT_VERSION,
  KEPT_FILES,
  MANIFEST,
  RESTORING,
} from './parts.mjs';

const FOLDERS = ['artifacts', 'git', ...DATA_PLANE_FOLDERS];

/**
 * Puts a backup into a data folder that has none of what is in it. Nothing is placed before all of it was found whole.
 *
 * @param {object} options
 * @param {string} options.source - absolute path of the backup
 * @param {string} options.dataDirectory
 * @param {string} [options.databaseUrl] - of a server with an empty database, in the place of the embedded one
 * @throws UserError that says what to do
 */
export async function restore({ source, dataDirectory, databaseUrl }) {
  const manifest = await readManifest(source);
  requireSameDatabase(manifest, databaseUrl);
  const marker = path.join(dataDirectory, RESTORING);
  if (existsSync(marker)) {
    await removeParts(dataDirectory);
  } else {
    requireNothingThere(dataDirectory);
  }
  await step('Checking the backup', () => check(source, manifest.files));
  await mkdir(dataDirectory, { recursive: true });
  await writeFile(marker, '');
  // Empty folders are made anew: what has carried the backup may have left them out.
  const place = async (part, to) => {
    await copyFolder({ from: path.join(source, part), to });
    for (const folder of manifest.folders) {
      if (!folder.startsWith(`${part}/`)) continue;
      await mkdir(path.join(to, path.posix.relative(part, folder)), {
        recursive: true,
      });
    }
  };
  await step('Placing artifacts, Git, secrets and keys', async () => {
    for (const name of FOLDERS) {
      await place(name, path.join(dataDirectory, name));
    }
    for (const name of KEPT_FILES) {
      await copyIfThere(
        path.join(source, name),
        path.join(dataDirectory, name),
      );
    }
  });
  await step('Placing the database', () =>
    databaseUrl
      ? loadDatabase(databaseUrl, path.join(source, DATABASE_DUMP))
      : placeDatabase(path.join(dataDirectory, DATABASE_FOLDER), to =>
          place(DATABASE_FOLDER, to),
        ),
  );
  await rm(marker);
  return manifest;
}

async function readManifest(source) {
  let manifest;
  try {
    manifest = JSON.parse(await readFile(path.join(source, MANIFEST), 'utf8'));
  } catch (error) {
    throw new UserError(
      `${source} is no backup, or was not finished: ${MANIFEST} cannot be read there (${error.message}).`,
    );
  }
  if (manifest.formatVersion !== FORMAT_VERSION) {
    throw new UserError(
      `The backup in ${source} has the format ${manifest.formatVersion}, and this version of Greenroom reads ${FORMAT_VERSION}: restore it with Greenroom ${manifest.greenroom}, and upgrade then.`,
    );
  }
  return manifest;
}

function requireSameDatabase({ database }, databaseUrl) {
  if (database.kind === 'dump' && !databaseUrl) {
    throw new UserError(
      'The backup is of a database server: set GREENROOM_DATABASE_URL to an empty database.',
    );
  }
  if (database.kind === 'files' && databaseUrl) {
    throw new UserError(
      'The backup is of the embedded database, and GREENROOM_DATABASE_URL names a server: leave that out.',
    );
  }
  if (database.kind === 'files' && database.major !== MAJOR) {
    throw new UserError(
      `The backup is of PostgreSQL ${database.major}, and this version of Greenroom runs ${MAJOR}: restore it with the version that made it.`,
    );
  }
}

function requireNothingThere(dataDirectory) {
  const there = [DATABASE_FOLDER, ...FOLDERS, ...KEPT_FILES].find(name =>
    existsSync(path.join(dataDirectory, name)),
  );
  if (!there) return;
  throw new UserError(
    `There are data in ${dataDirectory} already (${there}). Stop Greenroom and move the folder away, or name another one: GREENROOM_DATA_DIR=<folder> npm run restore -- <backup>.`,
  );
}

/** What an earlier try has placed. */
async function removeParts(dataDirectory) {
  await placeDatabase(
    path.join(dataDirectory, DATABASE_FOLDER),
    async () => {},
  );
  for (const name of [...FOLDERS, ...KEPT_FILES]) {
    await rm(path.join(dataDirectory, name), { recursive: true, force: true });
  }
}

async function check(source, files) {
  const found = await measureFolder(source);
  delete found[MANIFEST];
  const names = new Set([...Object.keys(files), ...Object.keys(found)]);
  for (const name of names) {
    const [was, is] = [files[name], found[name]];
    if (was?.sha256 === is?.sha256) continue;
    const how = !is
      ? 'is missing'
      : was
      ? 'is damaged'
      : 'was not there when it was made';
    throw new UserError(
      `The backup in ${source} is not as it was made: ${name} ${how}. Nothing was restored; take another copy of it.`,
    );
  }
}
