import { lineOfField } from './lineOfField';
import { ManifestError, type ManifestFault } from './ManifestError';
import {
  manifestPath,
  MANIFESTS_FOLDER,
  parseManifestPath,
} from './manifestPath';
import type { Manifest } from './manifestV2';
import { parseManifest } from './parseManifest';
import { MAX_MANIFEST_BYTES } from './yamlText';

/** A YAML file below `environments/` of the repository. */
export interface ManifestFile {
  path: string;
  /** Undefined where it is larger than a manifest may be. */
  content?: string;
  sizeBytes: number;
}

/**
 * Reads a file that seems to be meant as a manifest.
 *
 * @param environments - names of those that there are; any when undefined
 * @throws ManifestError with all that is wrong with it, each fault with its line
 */
export function readManifestFile(
  file: ManifestFile,
  environments?: readonly string[],
): Manifest {
  const { path, content, sizeBytes } = file;
  const { environment = '', model = '' } = parseManifestPath(path) ?? {};
  if (environments && !environments.includes(environment)) {
    throw new ManifestError(`${MANIFESTS_FOLDER}/${environment}`, [
      {
        message: `expected one of the environments ${environments.join(', ')}`,
      },
    ]);
  }
  const place = { environment, model };
  if (path !== manifestPath(place)) {
    throw new ManifestError(path, [
      { message: `expected manifests at ${manifestPath(place)} only` },
    ]);
  }
  if (content === undefined) {
    throw new ManifestError(path, [
      {
        message: `expected at most ${MAX_MANIFEST_BYTES} bytes, got ${sizeBytes}`,
      },
    ]);
  }
  try {
    return parseManifest(content, place);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new ManifestError(
      path,
      error.faults.map(fault => withLine(fault, content)),
    );
  }
}

function withLine(fault: ManifestFault, text: string): ManifestFault {
  return {
    ...fault,
    line: fault.line ?? lineOfField(text, fault.field ?? []),
  };
}
