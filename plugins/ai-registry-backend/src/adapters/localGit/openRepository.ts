import { ForwardedError, ServiceUnavailableError } from '@backstage/errors';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { commitStart } from '../git/commitStart';
import { openGit, type OpenedRepository } from '../git/openGit';
import { MAIN_REF } from '../git/refs';
import { GitError } from '../git/runGit';

/**
 * Opens the environments repository; on the first start creates it, with a main
 * branch and a folder for each environment.
 *
 * @param environments - their names
 *
 * @throws ServiceUnavailableError that says what is wrong with the folder, and what to do
 */
export async function openRepository(
  directory: string,
  environments: readonly string[],
): Promise<OpenedRepository> {
  if (!(await hasContent(directory))) {
    await createRepository(directory, environments);
  }
  if (!existsSync(path.join(directory, 'HEAD'))) {
    throw new ServiceUnavailableError(
      `'${directory}' is not a bare Git repository: set aiRegistry.environments.directory to one, or to a folder that is empty or missing`,
    );
  }
  const opened = openGit(directory);
  try {
    await ensureMain(opened, environments);
    await opened.repository.readFiles({
      revision: MAIN_REF,
      path: 'environments/',
    });
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new ForwardedError(
      `The environments repository in '${directory}' cannot be read: restore it from a clone (git clone --bare <clone> ${directory}), or move the folder away to start with an empty one`,
      error,
    );
  }
  return opened;
}

async function hasContent(directory: string): Promise<boolean> {
  return existsSync(directory) && (await readdir(directory)).length > 0;
}

/** Built beside its place and moved there, so that nobody ever sees half of it. */
async function createRepository(
  directory: string,
  environments: readonly string[],
): Promise<void> {
  const unfinished = `${directory}.creating-${randomUUID()}`;
  await mkdir(path.dirname(directory), { recursive: true });
  const created = openGit(unfinished);
  try {
    await created.writer.initialize();
    await ensureMain(created, environments);
    // Nobody is to work in the folder when it moves.
    await created.close();
    await rename(unfinished, directory);
  } catch (error) {
    await created.close();
    await rm(unfinished, { recursive: true, force: true });
    // Another process of the portal may have been faster.
    if (!(await hasContent(directory))) throw error;
  }
}

async function ensureMain(
  { repository, writer }: OpenedRepository,
  environments: readonly string[],
): Promise<void> {
  if (await repository.resolve(MAIN_REF)) return;
  const branches = await repository.refs('refs/heads/');
  if (branches.has(MAIN_REF)) {
    throw new GitError(['rev-parse'], undefined, 'main has lost its commit');
  }
  if (branches.size > 0) {
    throw new ServiceUnavailableError(
      `The environments repository in '${repository.directory}' has branches but no 'main': push one to it`,
    );
  }
  const commit = await commitStart(writer, environments);
  await writer.updateRef({ ref: MAIN_REF, from: undefined, to: commit });
}
