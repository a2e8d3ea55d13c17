import { toError } from '@backstage/errors';
import {
  chmod,
  constants,
  copyFile,
  mkdir,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = 'secrets';
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** Where an environment's data plane has the secrets of its connections. */
export function secretsFolderOf(directory: string, environment: string) {
  return join(directory, environment, FOLDER);
}

/**
 * Copies those secrets to the environment's own folder that its connections name and that lie in
 * the folder which all environments shared in an earlier release. What is there already stays.
 *
 * @param names - of files
 * @returns a sentence for each that was copied, or could not be
 */
export async function adoptSecrets(options: {
  directory: string;
  environment: string;
  names: readonly string[];
}): Promise<string[]> {
  const { directory, environment, names } = options;
  const own = secretsFolderOf(directory, environment);
  const said: string[] = [];
  for (const name of names) {
    const shared = join(directory, FOLDER, name);
    const target = join(own, name);
    if ((await isFile(target)) || !(await isFile(shared))) continue;
    const temporary = join(own, `.${name}.adopted`);
    try {
      await mkdir(own, { recursive: true, mode: OWNER_ONLY_FOLDER });
      await rm(temporary, { force: true });
      await copyFile(shared, temporary, constants.COPYFILE_EXCL);
      await chmod(temporary, OWNER_ONLY);
      await rename(temporary, target);
      said.push(
        `The secret '${name}' of all environments was copied to ${target}, where the data plane of ${environment} looks for it from now on: fill it there when it changes, and remove ${shared} once each environment has its own`,
      );
    } catch (error) {
      said.push(
        `The secret '${name}' could not be copied to ${target}, where the data plane of ${environment} looks for it: ${
          toError(error).message
        }`,
      );
    }
  }
  return said;
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}
