import {
  type BundleFile,
  checkBundle,
  encodeBundle,
} from '@greenroom/bundle-file';
import type {
  Digest,
  ModelVersion,
} from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { failure } from '../CommandError';

/**
 * Looks whether a list of files is that of a version before one of them is fetched: its digest is the
 * version's, and no path leads out of the folder.
 *
 * @param expected - the digest that the caller knows the version by; any where it is undefined
 * @throws CommandError that says what is wrong
 */
export function checkFiles(
  version: Pick<
    ModelVersion,
    'model' | 'version' | 'format' | 'digest' | 'files'
  >,
  files: readonly BundleFile[],
  expected?: string,
): void {
  const what = `${version.model} version ${version.version}`;
  if (expected !== undefined && expected !== version.digest) {
    throw failure(
      `${what} has the digest ${version.digest}, and not ${expected}: it is another version than the one that was meant`,
    );
  }
  const bundle = { format: version.format, files: [...files] };
  try {
    checkBundle(bundle);
  } catch (error) {
    throw failure(`${what}: ${(error as Error).message}`);
  }
  const digest =
    version.files === undefined && files.length === 1
      ? files[0].digest
      : digestOf(encodeBundle(bundle));
  if (digest !== version.digest) {
    throw failure(
      `${what} has the digest ${version.digest}, and its list of files has ${digest}: nothing was fetched`,
    );
  }
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
