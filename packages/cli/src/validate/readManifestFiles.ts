import {
  type ManifestFile,
  MANIFESTS_FOLDER,
  MAX_MANIFEST_BYTES,
  parseManifestPath,
} from '@greenroom/manifest';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { failure } from '../CommandError';

/** More than any platform has; a folder with more is probably another one. */
const MAX_FILES = 100_000;

/** Every YAML file of a checkout that seems to be meant as a manifest, by path. */
export async function readManifestFiles(
  folder: string,
): Promise<ManifestFile[]> {
  const top = path.join(folder, MANIFESTS_FOLDER);
  const names = await list(top);
  if (names.length > MAX_FILES) {
    throw failure(`${top} has more than ${MAX_FILES} files`);
  }
  const files: ManifestFile[] = [];
  for (const name of names.sort()) {
    const file = `${MANIFESTS_FOLDER}/${name.split(path.sep).join('/')}`;
    if (!parseManifestPath(file)) continue;
    const place = path.join(top, name);
    const { size } = await stat(place);
    files.push({
      path: file,
      sizeBytes: size,
      ...(size <= MAX_MANIFEST_BYTES && {
        content: await readFile(place, 'utf8'),
      }),
    });
  }
  return files;
}

async function list(top: string): Promise<string[]> {
  try {
    const entries = await readdir(top, {
      recursive: true,
      withFileTypes: true,
    });
    return entries
      .filter(entry => entry.isFile())
      .map(entry =>
        path.relative(top, path.join(entry.parentPath, entry.name)),
      );
  } catch (error) {
    if (Object(error).code !== 'ENOENT') throw error;
    throw failure(
      `there is no folder ${MANIFESTS_FOLDER} in ${path.dirname(
        top,
      )}: name the folder of an environments repository`,
    );
  }
}
