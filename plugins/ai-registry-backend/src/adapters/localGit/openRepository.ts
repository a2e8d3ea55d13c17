import {
  ForwardedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { GitCommand } from './GitCommand';
import { GitRepository } from './GitRepository';
import { GitWriter, GREENROOM } from './GitWriter';
import { GitError } from './runGit';

/** One repository, to read and to write. */
export interface OpenedRepository {
  repository: GitRepository;
  writer: GitWriter;
}

export const MAIN_REF = 'refs/heads/main';

const README = `# Environments

What runs where. Each model that is deployed has one file,
\`environments/<environment>/models/<model>.yaml\`, and the \`main\` branch is the
truth: what it says is what Greenroom runs.

Change it with "Promote" in the portal, or clone this repository, edit a file and
push. A push to \`main\` counts at once; a branch can be promoted and reviewed in
the portal first.
`;

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
  const opened = connect(directory);
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

/** Newest revision of the main branch. */
export async function mainRevisionOf(
  repository: GitRepository,
): Promise<string> {
  const revision = await repository.resolve(MAIN_REF);
  if (!revision) {
    throw new NotFoundError(
      `The environments repository in '${repository.directory}' has no branch 'main' any more: push it from a clone`,
    );
  }
  return revision;
}

function connect(directory: string): OpenedRepository {
  const git = new GitCommand(directory);
  const repository = new GitRepository(git);
  return { repository, writer: new GitWriter(git, repository) };
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
  try {
    const created = connect(unfinished);
    await created.writer.initialize();
    await ensureMain(created, environments);
    await rename(unfinished, directory);
  } catch (error) {
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
  const commit = await writer.commitFiles({
    parent: undefined,
    changes: [
      { path: 'README.md', content: README },
      ...environments.map(environment => ({
        path: `environments/${environment}/models/.gitkeep`,
        content: '',
      })),
    ],
    message: 'Start the environments repository\n',
    author: GREENROOM,
  });
  await writer.updateRef({ ref: MAIN_REF, from: undefined, to: commit });
}
