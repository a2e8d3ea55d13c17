import {
  type BundleFile,
  checkBundle,
  encodeBundle,
  formatOfFiles,
} from '@greenroom/bundle-file';
import type {
  Digest,
  VersionContent,
} from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { failure } from '../CommandError';

/** What a version is made of, as it lies on this machine. */
export interface ModelFiles {
  /** Of the version, as the registry will have it. */
  digest: Digest;
  content: VersionContent;
  /** Absolute, with each one's digest. */
  files: { place: string; digest: Digest; sizeBytes: number }[];
}

/** Reads a file, which is a version by itself, or a folder, which is a bundle of all its files. */
export async function readModelFiles(
  place: string,
  options: {
    /** Files of the folder that are none of the bundle; absolute. */
    leaveOut?: readonly (string | undefined)[];
  } = {},
): Promise<ModelFiles> {
  const found = await lstat(place).catch(() => undefined);
  if (found?.isFile()) {
    const file = await readFile(place, path.basename(place));
    const { digest, sizeBytes } = file;
    return {
      digest,
      content: { digest },
      files: [{ place, digest, sizeBytes }],
    };
  }
  if (!found?.isDirectory()) {
    throw failure(
      `${place}: expected the file of a model, or a folder with its files`,
    );
  }
  return readBundle(place, options.leaveOut);
}

async function readBundle(
  folder: string,
  leaveOut: readonly (string | undefined)[] = [],
): Promise<ModelFiles> {
  const names = (await listFiles(folder)).filter(
    name => !leaveOut.includes(path.join(folder, name)),
  );
  const files: BundleFile[] = [];
  for (const name of names) {
    files.push(await readFile(path.join(folder, name), name));
  }
  const bundle = { format: formatOfFiles(names), files };
  try {
    checkBundle(bundle);
  } catch (error) {
    throw failure(`${folder}: ${(error as Error).message}`);
  }
  return {
    digest: digestOf(createHash('sha256').update(encodeBundle(bundle))),
    content: { bundle },
    files: files.map(({ path: name, digest, sizeBytes }) => ({
      place: path.join(folder, name),
      digest: digest as Digest,
      sizeBytes,
    })),
  };
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter(entry => {
      if (entry.isDirectory()) return false;
      if (entry.isFile()) return true;
      throw failure(
        `${path.join(
          entry.parentPath,
          entry.name,
        )} is no file: a bundle has no links`,
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

async function readFile(place: string, name: string) {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(place)) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { path: name, digest: digestOf(hash), sizeBytes };
}

function digestOf(hash: ReturnType<typeof createHash>): Digest {
  return `sha256:${hash.digest('hex')}` as Digest;
}
