import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ACCESS_FILE,
  ARTIFACTS_FOLDER,
  BUNDLES_FOLDER,
  RECORDS_FOLDER,
  ROUTES_FILE,
  WHOLE_SNAPSHOT_FILE,
} from '../snapshot/stateFolder';

const SLOT_FOLDER = /^process-[1-9][0-9]*$/;
const DOCUMENTS = [ACCESS_FILE, ROUTES_FILE, WHOLE_SNAPSHOT_FILE];
/** Each file or folder in them goes on alone. */
const FOLDERS = [
  RECORDS_FOLDER,
  ARTIFACTS_FOLDER,
  join(ARTIFACTS_FOLDER, BUNDLES_FOLDER),
];

/** Folders of the states of the serving processes of an environment, one after the other. */
export function stateFolders(
  environmentFolder: string,
  processes: number,
): string[] {
  if (processes === 1) return [environmentFolder];
  return Array.from({ length: processes }, (_, index) =>
    join(environmentFolder, `process-${index + 1}`),
  );
}

/**
 * Before any process runs: the first one inherits what those have left that there are no more, when
 * their number has changed. So records that wait are sent, and no artifact is fetched again.
 */
export async function inheritState(
  environmentFolder: string,
  processes: number,
): Promise<void> {
  const folders = stateFolders(environmentFolder, processes);
  const names = await readdir(environmentFolder).catch(() => []);
  const former = [environmentFolder, ...slotFolders(environmentFolder, names)]
    .filter(folder => !folders.includes(folder))
    .filter(folder => [...DOCUMENTS, ...FOLDERS].some(has(folder)));
  const ages = await Promise.all(former.map(ageOf));
  // The newest first: what is there already is not replaced.
  const order = former
    .map((folder, index) => ({ folder, age: ages[index] }))
    .sort((a, b) => b.age - a.age);
  for (const { folder } of order) {
    await moveState(folder, folders[0]);
    if (folder !== environmentFolder) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** So that a process that is there for the first time need not wait for the control plane. */
export async function copyDocuments(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  if (DOCUMENTS.some(has(to))) return;
  for (const name of DOCUMENTS.filter(has(from))) {
    await copyFile(join(from, name), join(to, name));
  }
}

function slotFolders(environmentFolder: string, names: string[]): string[] {
  return names
    .filter(name => SLOT_FOLDER.test(name))
    .map(name => join(environmentFolder, name));
}

function has(folder: string): (name: string) => boolean {
  return name => existsSync(join(folder, name));
}

/** When its documents were written. */
async function ageOf(folder: string): Promise<number> {
  const found = await stat(join(folder, ACCESS_FILE)).catch(() => undefined);
  return found?.mtimeMs ?? 0;
}

async function moveState(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const hasDocuments = DOCUMENTS.some(has(to));
  for (const name of DOCUMENTS) {
    if (hasDocuments) await rm(join(from, name), { force: true });
    else await moveInto(join(from, name), join(to, name));
  }
  for (const folder of FOLDERS) {
    for (const name of await readdir(join(from, folder)).catch(() => [])) {
      if (folder === ARTIFACTS_FOLDER && name === BUNDLES_FOLDER) continue;
      await moveInto(join(from, folder, name), join(to, folder, name));
    }
  }
  await rm(join(from, ARTIFACTS_FOLDER), { recursive: true, force: true });
  await rm(join(from, RECORDS_FOLDER), { recursive: true, force: true });
}

/** A name says what is in it: what has it already is the same. */
async function moveInto(from: string, to: string): Promise<void> {
  if (!existsSync(from) || existsSync(to)) return;
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}
