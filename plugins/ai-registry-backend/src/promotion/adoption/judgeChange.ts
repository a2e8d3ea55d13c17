import { isError } from '@backstage/errors';
import {
  ManifestError,
  parseManifestPath,
  readManifestFile,
  type Manifest,
} from '@greenroom/manifest';

/** A file that a change request changes; undefined where it is not there. */
export interface ChangedFile {
  path: string;
  before: string | undefined;
  after: string | undefined;
}

/** What somebody's change request is about. */
export type ChangeVerdict =
  /** One model gets another version in one environment: a promotion, whoever opened it. */
  | { kind: 'promotion'; manifest: Manifest; path: string }
  /** No version changes: there is nothing that gates could look at. */
  | { kind: 'nothing'; summary: string }
  /** It cannot be applied, or not be looked at, as it is. */
  | {
      kind: 'refused';
      title: string;
      summary: string;
      faults: { path: string; line?: number; message: string }[];
    };

/**
 * @param environments - names of those that there are
 */
export function judgeChange(
  files: readonly ChangedFile[],
  environments: readonly string[],
): ChangeVerdict {
  const manifests = files.filter(({ path }) => parseManifestPath(path));
  const read = manifests
    .filter(({ after }) => after !== undefined)
    .map(file => ({ file, ...tryToRead(file, environments) }));
  const faults = read.flatMap(({ faults: found = [] }) => found);
  if (faults.length > 0) {
    return {
      kind: 'refused',
      title: 'A manifest cannot be applied',
      summary: faults.map(({ message }) => `- ${message}`).join('\n'),
      faults,
    };
  }
  const moved = read.filter(
    ({ file, manifest }) => manifest && changesVersion(file, manifest),
  );
  const [only] = moved;
  if (!only?.manifest) {
    return {
      kind: 'nothing',
      summary:
        manifests.length === 0
          ? 'It changes no manifest.'
          : 'It changes the version of no model: its manifests can be applied, and there is nothing that gates could look at.',
    };
  }
  const others = files.filter(({ path }) => path !== only.file.path);
  return others.length === 0
    ? { kind: 'promotion', manifest: only.manifest, path: only.file.path }
    : {
        kind: 'refused',
        title: 'One change request promotes one version',
        summary: `It changes the version in ${only.file.path}, and ${
          others.length
        } other ${
          others.length === 1 ? 'file' : 'files'
        } besides: open one change request for each manifest, so that its gates can be asked and it can go back alone.`,
        faults: moved.map(({ file }) => ({
          path: file.path,
          message: 'Changes the version: put it into a change request alone.',
        })),
      };
}

function tryToRead(
  { path, after = '' }: ChangedFile,
  environments?: readonly string[],
): {
  manifest?: Manifest;
  faults?: { path: string; line?: number; message: string }[];
} {
  try {
    const sizeBytes = Buffer.byteLength(after);
    return {
      manifest: readManifestFile(
        { path, content: after, sizeBytes },
        environments,
      ),
    };
  } catch (error) {
    if (error instanceof ManifestError) {
      return {
        faults: error.faults.map(({ message, line }) => ({
          path,
          message: `${path}: ${message}`,
          ...(line !== undefined && { line }),
        })),
      };
    }
    if (!isError(error) || error.name !== 'InputError') throw error;
    return { faults: [{ path, message: error.message }] };
  }
}

function changesVersion({ path, before }: ChangedFile, manifest: Manifest) {
  if (before === undefined) return true;
  const { manifest: old } = tryToRead({ path, before, after: before });
  const { version, digest } = manifest.spec;
  return (
    old === undefined ||
    old.spec.version !== version ||
    old.spec.digest !== digest
  );
}
