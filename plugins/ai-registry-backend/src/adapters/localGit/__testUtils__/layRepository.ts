import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openRepository } from '../openRepository';

/** Files by their path in the repository; undefined for a folder. */
type Files = Map<string, Buffer | undefined>;

let made: Promise<Files> | undefined;

/**
 * Puts a repository there as {@link openRepository} begins one. That takes nearly twenty runs of Git,
 * so that it is done once in a file of tests.
 */
export async function layRepository(directory: string): Promise<void> {
  made ??= make();
  await mkdir(directory, { recursive: true });
  for (const [name, content] of await made) {
    const place = path.join(directory, name);
    if (content === undefined) await mkdir(place, { recursive: true });
    else await writeFile(place, content);
  }
}

async function make(): Promise<Files> {
  const folder = await mkdtemp(path.join(tmpdir(), 'repository-'));
  const directory = path.join(folder, 'environments.git');
  const names = DEFAULT_ENVIRONMENTS.names;
  await (await openRepository(directory, names)).close();
  const files: Files = new Map();
  const entries = await readdir(directory, {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of entries) {
    const place = path.join(entry.parentPath, entry.name);
    const content = entry.isDirectory() ? undefined : await readFile(place);
    files.set(path.relative(directory, place), content);
  }
  await rm(folder, { recursive: true });
  return files;
}
