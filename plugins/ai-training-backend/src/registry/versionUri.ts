import { MODEL_NAME_PATTERN } from '@greenroom/plugin-ai-registry-common';

/** No experiment is called so, since they have numbers. */
const FOLDER = 'registered-models';

/** A version by the registry's own name of its model, with a path in its files. */
export interface VersionPath {
  kind: 'registered';
  model: string;
  version: number;
  /** Empty for the folder itself. */
  path: string;
}

/** URI from which clients fetch the files of a version. */
export function versionUriOf(version: {
  model: string;
  version: number;
}): string {
  return `mlflow-artifacts:/${FOLDER}/${version.model}/${version.version}`;
}

/** The other way round, of what stands after the scheme; undefined for other paths. */
export function parseVersionUri(path: string): VersionPath | undefined {
  const [folder, model, version, ...rest] = path.replace(/\/+$/, '').split('/');
  return folder === FOLDER &&
    MODEL_NAME_PATTERN.test(model ?? '') &&
    /^[1-9]\d{0,8}$/.test(version ?? '')
    ? {
        kind: 'registered',
        model,
        version: Number(version),
        path: rest.join('/'),
      }
    : undefined;
}

/** Whether a path is one of the files of versions at all. */
export function isOfVersions(path: string): boolean {
  return path === FOLDER || path.startsWith(`${FOLDER}/`);
}
