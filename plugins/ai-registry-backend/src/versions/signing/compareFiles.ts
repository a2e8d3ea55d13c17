import type { BundleFile, Digest } from '@greenroom/plugin-ai-registry-common';
import type { ModelSignature } from './readModelSignature';
import { SigningError } from './SigningError';

const MOST_NAMED = 5;

/**
 * Whether a signature lists exactly the files of a version. The digest that is signed for the whole
 * model does not bind names, so the list is what counts.
 *
 * @param version.files - of a bundle; empty for a single file
 * @throws SigningError that names what differs
 */
export function compareFiles(
  { files: signed }: Pick<ModelSignature, 'files'>,
  version: { digest: Digest; files: readonly BundleFile[] },
): void {
  if (version.files.length === 0) {
    compareFile(signed, version.digest);
    return;
  }
  const digests = new Map(signed.map(({ name, digest }) => [name, digest]));
  const paths = new Set(version.files.map(({ path }) => path));
  const differences = [
    sentence(
      'not signed',
      version.files.filter(({ path }) => !digests.has(path)).map(fileName),
    ),
    sentence(
      'signed, but not in the version',
      signed.map(({ name }) => name).filter(name => !paths.has(name)),
    ),
    sentence(
      'signed with another content',
      version.files
        .filter(({ path, digest }) => (digests.get(path) ?? digest) !== digest)
        .map(fileName),
    ),
  ].filter(text => text !== undefined);
  if (differences.length > 0) {
    throw new SigningError(
      `its list of files differs from the version's: ${differences.join('; ')}`,
    );
  }
}

/** Nobody knows what a single file was called when it was registered. */
function compareFile(signed: ModelSignature['files'], digest: Digest): void {
  if (signed.length !== 1) {
    throw new SigningError(
      `it lists ${signed.length} files, but the version is a single file`,
    );
  }
  if (signed[0].digest !== digest) {
    throw new SigningError(
      `it is of another file: of ${signed[0].digest}, and the version is ${digest}`,
    );
  }
}

function fileName({ path }: BundleFile): string {
  return path;
}

function sentence(what: string, names: string[]): string | undefined {
  if (names.length === 0) return undefined;
  const more = names.length - MOST_NAMED;
  const shown = names
    .slice(0, MOST_NAMED)
    .map(name => `'${name.slice(0, 200)}'`)
    .join(', ');
  return `${what}: ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}
