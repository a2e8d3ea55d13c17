import { InputError } from '@backstage/errors';
import {
  type BundleFile,
  checkBundle,
  formatOfFiles,
} from '@greenroom/bundle-file';
import type { VersionContent } from '@greenroom/plugin-ai-registry-common';
import { openAsBlob } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Uploads a file, which is a version by itself, or all files of a folder, which are a bundle.
 *
 * @param place - absolute
 * @param options.name - what messages call it
 * @throws InputError where there is nothing, or something that is no file
 */
export async function uploadFiles(
  place: string,
  options: {
    name: string;
    upload(file: Blob): Promise<Omit<BundleFile, 'path'>>;
    say(text: string): void;
  },
): Promise<VersionContent> {
  const { name, upload, say } = options;
  const found = await lstat(place).catch(() => undefined);
  if (found?.isFile()) {
    say(`Uploading ${name}, ${found.size} bytes`);
    const { digest } = await upload(await openAsBlob(place));
    return { digest } as VersionContent;
  }
  if (!found?.isDirectory()) {
    throw new InputError(
      `path: '${name}' is neither a file nor a folder of the workspace`,
    );
  }
  const files: BundleFile[] = [];
  for (const file of await listFiles(place)) {
    const { size } = await lstat(path.join(place, file));
    say(`Uploading ${file}, ${size} bytes`);
    const { digest, sizeBytes } = await upload(
      await openAsBlob(path.join(place, file)),
    );
    files.push({ path: file, digest, sizeBytes });
  }
  const bundle = {
    format: formatOfFiles(files.map(file => file.path)),
    files,
  };
  try {
    checkBundle(bundle);
  } catch (error) {
    throw new InputError(`path: '${name}': ${(error as Error).message}`);
  }
  return { bundle } as VersionContent;
}

/** By their paths within the folder, sorted. */
async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter(entry => {
      if (entry.isDirectory()) return false;
      if (entry.isFile()) return true;
      // It might lead out of the workspace.
      throw new InputError(
        `path: '${entry.name}' is no file: a bundle has no links`,
      );
    })
    .map(entry =>
      path
        .relative(folder, path.join(entry.parentPath, entry.name))
        .split(path.sep)
        .join('/'),
    )
    .sort();
}
