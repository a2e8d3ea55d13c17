import { GitCommand } from './GitCommand';
import { GitObjects } from './GitObjects';
import { GitRepository } from './GitRepository';
import { GitWriter } from './GitWriter';

/** One repository, to read and to write. */
export interface OpenedRepository {
  git: GitCommand;
  repository: GitRepository;
  writer: GitWriter;
  /** Ends the processes that stay to answer, when they have answered. */
  close(): Promise<void>;
}

/** Takes the folder for a bare repository; whether it is one, the first command tells. */
export function openGit(directory: string): OpenedRepository {
  const git = new GitCommand(directory);
  const objects = new GitObjects(git);
  const repository = new GitRepository(git, objects);
  const writer = new GitWriter(git, objects, repository);
  const close = async () => {
    await Promise.all([objects.close(), writer.close()]);
  };
  return { git, repository, writer, close };
}
