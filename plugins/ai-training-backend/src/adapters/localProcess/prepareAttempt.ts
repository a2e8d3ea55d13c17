import type { ArtifactStore } from '@greenroom/artifact-store';
import { isError } from '@backstage/errors';
import { bundleBytes } from '@greenroom/bundle-file';
import {
  chmod,
  constants,
  copyFile,
  cp,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { WantedAttempt } from '../../backends/TrainingBackend';
import { AttemptFolder } from './AttemptFolder';
import { PreparationError } from './PreparationError';
import { unpackSource } from './unpackSource';

/** A lock file is a list, and not data. */
const MAX_LOCK_BYTES = 1024 * 1024;
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);

/** The disk has no room; `message` says which, and for what. */
export class DiskFullError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DiskFullError';
  }
}

/**
 * Puts what a program reads into the folder of its attempt.
 *
 * @param options.onStep - told what is done now, for people
 * @throws PreparationError, DiskFullError
 */
export async function fillFolder(
  folder: AttemptFolder,
  options: {
    wanted: Pick<WantedAttempt, 'sourceDigest' | 'datasets'>;
    artifacts: Pick<ArtifactStore, 'open' | 'withLocalFile'>;
    signal: AbortSignal;
    onStep(what: string): void;
  },
): Promise<void> {
  const { wanted, artifacts, signal, onStep } = options;
  await telling(folder.path, async () => {
    await mkdir(folder.source, { recursive: true });
    await mkdir(folder.log);
    await mkdir(join(folder.path, 'tmp'));
    onStep('The source is unpacked');
    await unpackSource({
      artifacts,
      digest: wanted.sourceDigest,
      folder: folder.source,
      signal,
    });
    for (const dataset of wanted.datasets) {
      onStep(`The files of ${dataset.name} are copied`);
      await copyDataset(folder, dataset, { artifacts, signal });
    }
  });
}

/** What a file of the source says that names Python packages. */
export async function readLockFile(
  folder: AttemptFolder,
  path: string,
): Promise<string> {
  const file = join(folder.source, path);
  if (relative(folder.source, file).startsWith('..')) {
    throw new PreparationError(`${path} is not a file of the source`);
  }
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    throw new PreparationError(
      `The source has no ${path}, which the template's pythonLock names`,
    );
  }
  if (found.size > MAX_LOCK_BYTES) {
    throw new PreparationError(
      `${path} has ${found.size} bytes, and a lock file at most ${MAX_LOCK_BYTES}`,
    );
  }
  return readFile(file, 'utf8');
}

/**
 * Makes the folder of a job's checkpoints, with those of another job in it where it begins with them.
 *
 * @returns its path
 */
export async function openCheckpoints(
  directory: string,
  wanted: Pick<WantedAttempt, 'job' | 'resumeOf'>,
): Promise<string> {
  const folder = join(directory, wanted.job);
  return telling(directory, async () => {
    await mkdir(directory, { recursive: true });
    if (await stat(folder).catch(() => undefined)) return folder;
    const { resumeOf } = wanted;
    const before = resumeOf && join(directory, resumeOf);
    if (!before) {
      await mkdir(folder, { recursive: true });
      return folder;
    }
    if (!(await stat(before).catch(() => undefined))) {
      throw new PreparationError(
        `There are no checkpoints of the job ${resumeOf} on this machine any more: start without them`,
      );
    }
    // All of them or none: a job that is killed in between begins again with the copy.
    const incoming = `${folder}.incoming`;
    await rm(incoming, { recursive: true, force: true });
    try {
      await cp(before, incoming, {
        recursive: true,
        mode: constants.COPYFILE_FICLONE,
        verbatimSymlinks: true,
      });
      await rename(incoming, folder);
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
    return folder;
  });
}

/** Copies, and no links: what a program writes into its own files must not get into the store. */
async function copyDataset(
  folder: AttemptFolder,
  dataset: WantedAttempt['datasets'][number],
  options: {
    artifacts: Pick<ArtifactStore, 'withLocalFile'>;
    signal: AbortSignal;
  },
): Promise<void> {
  const { artifacts, signal } = options;
  const target = folder.datasetFolder(dataset.name);
  await mkdir(target, { recursive: true });
  const needed = bundleBytes(dataset.files);
  const { bavail, bsize } = await statfs(target);
  if (needed > bavail * bsize) {
    throw new DiskFullError(
      `The disk of ${target} has ${
        bavail * bsize
      } bytes left, and the dataset ${dataset.name} has ${needed}`,
    );
  }
  for (const file of dataset.files) {
    signal.throwIfAborted();
    const path = join(target, file.path);
    if (relative(target, path).startsWith('..')) {
      throw new PreparationError(
        `The dataset ${dataset.name} has the path ${file.path}, which lies outside of it`,
      );
    }
    await mkdir(dirname(path), { recursive: true });
    try {
      await artifacts.withLocalFile(file.digest, stored =>
        copyFile(stored, path, constants.COPYFILE_FICLONE),
      );
      await chmod(path, 0o444);
    } catch (error) {
      if (!isError(error) || error.name !== 'NotFoundError') throw error;
      throw new PreparationError(
        `The file ${file.path} of the dataset ${dataset.name} is not in the artifact store any more`,
        error,
      );
    }
  }
}

/** Says of a full disk which one it is. */
async function telling<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!NO_SPACE.has(Object(error).code)) throw error;
    throw new DiskFullError(`The disk of ${folder} is full`, error);
  }
}
