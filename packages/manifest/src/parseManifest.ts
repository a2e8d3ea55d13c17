import { toError } from '@backstage/errors';
import { parseDocument, YAMLParseError } from 'yaml';
import { checkAgainst } from './checkAgainst';
import { ManifestError } from './ManifestError';
import { manifestPath, type ManifestPlace } from './manifestPath';
import { API_VERSION_1, manifestV1Schema, upgradeV1 } from './manifestV1';
import { API_VERSION_2, type Manifest, manifestSchema } from './manifestV2';
import { findNotInForce } from './notInForce';
import { isRecord, MAX_MANIFEST_BYTES, resolveYaml } from './yamlText';

/** Newest first. */
const API_VERSIONS = [API_VERSION_2, API_VERSION_1];

/**
 * Reads a manifest of any version that there was.
 *
 * @throws ManifestError that names the path, the field and what was expected there
 */
export function parseManifest(text: string, place: ManifestPlace): Manifest {
  const path = manifestPath(place);
  if (Buffer.byteLength(text) > MAX_MANIFEST_BYTES) {
    throw new ManifestError(path, [
      { message: `expected at most ${MAX_MANIFEST_BYTES} bytes` },
    ]);
  }
  const manifest = readAnyVersion(toJavaScript(text, path), path);
  const [refusal] = findNotInForce(manifest.spec);
  if (refusal) {
    const field = refusal.split(':')[0].split('.');
    throw new ManifestError(path, [{ field, message: refusal }]);
  }
  checkPlace(manifest, place, path);
  return manifest;
}

function checkPlace(
  { metadata: { name, environment } }: Manifest,
  place: ManifestPlace,
  path: string,
): void {
  if (name !== place.model) {
    throw new ManifestError(path, [
      {
        field: ['metadata', 'name'],
        message: `metadata.name: expected '${place.model}' as in the file's name, got '${name}'`,
      },
    ]);
  }
  if (environment !== place.environment) {
    throw new ManifestError(path, [
      {
        field: ['metadata', 'environment'],
        message: `metadata.environment: expected '${place.environment}' as in the file's folder, got '${environment}'`,
      },
    ]);
  }
}

function readAnyVersion(value: unknown, path: string): Manifest {
  const apiVersion = isRecord(value) ? value.apiVersion : API_VERSION_2;
  switch (apiVersion) {
    case API_VERSION_2:
      return checkAgainst(manifestSchema, value, path);
    case API_VERSION_1:
      return upgradeV1(checkAgainst(manifestV1Schema, value, path));
    default:
      throw new ManifestError(path, [
        {
          field: ['apiVersion'],
          message: `apiVersion: expected one of ${API_VERSIONS.join(
            ', ',
          )}, got ${apiVersion === undefined ? 'nothing' : `'${apiVersion}'`}`,
        },
      ]);
  }
}

function toJavaScript(text: string, path: string): unknown {
  try {
    return resolveYaml(parseDocument(text));
  } catch (error) {
    const line =
      error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    throw new ManifestError(path, [
      { line, message: `not valid YAML: ${toError(error).message}` },
    ]);
  }
}
