import type { Environment } from '@greenroom/plugin-ai-registry-common';

/** Which model in which environment a manifest is about. */
export interface ManifestPlace {
  environment: Environment;
  model: string;
}

/** Folder of the environments repository that holds all manifests. */
export const MANIFESTS_FOLDER = 'environments';

export function manifestPath(place: ManifestPlace): string {
  return `${MANIFESTS_FOLDER}/${place.environment}/models/${place.model}.yaml`;
}

/**
 * The place that a path stands for; undefined for a file that nobody would take for a
 * manifest. A YAML file where no manifest belongs has the place that it seems to be meant for.
 */
export function parseManifestPath(
  path: string,
): { environment: string; model: string } | undefined {
  const [folder, environment, ...rest] = path.split('/');
  const file = /^(.*)\.ya?ml$/i.exec(rest.at(-1) ?? environment ?? '');
  if (folder !== MANIFESTS_FOLDER || !file) return undefined;
  return {
    environment: rest.length > 0 ? environment : '',
    model: file[1],
  };
}
