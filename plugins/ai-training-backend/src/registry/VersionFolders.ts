import { NotFoundError } from '@backstage/errors';
import type { BundleFile } from '@greenroom/plugin-ai-registry-common';
import type { ArtifactEntry } from '../artifacts/ArtifactRows';
import type { RegistryCaller } from './RegistryCaller';
import type { RegistryCall } from './registryTokenOf';
import type { VersionPath } from './versionUri';

/** The files of versions, as folders that clients look into. */
export class VersionFolders {
  readonly #registry: RegistryCaller;

  constructor(options: { registry: RegistryCaller }) {
    this.#registry = options.registry;
  }

  /** What lies directly in a folder; nothing where there is no such folder. */
  async list(path: VersionPath, call: RegistryCall): Promise<ArtifactEntry[]> {
    return entriesOf(await this.#files(path, call), path.path);
  }

  /** Throws a NotFoundError when there is no such file. */
  async find(path: VersionPath, call: RegistryCall): Promise<BundleFile> {
    const files = await this.#files(path, call);
    const file = files.find(one => one.path === path.path);
    if (file) return file;
    const { model, version } = path;
    throw new NotFoundError(
      `There is no file '${path.path}' in version ${version} of model '${model}'`,
    );
  }

  async #files(
    { model, version }: VersionPath,
    call: RegistryCall,
  ): Promise<BundleFile[]> {
    const { items } = await this.#registry.ask(call, (registry, options) =>
      registry.listVersionFiles(model, version, options),
    );
    return items;
  }
}

/** What lies directly in a folder of files that are known by their whole paths. */
export function entriesOf(
  files: readonly Pick<BundleFile, 'path' | 'sizeBytes'>[],
  folder: string,
): ArtifactEntry[] {
  const start = folder === '' ? '' : `${folder}/`;
  const entries = new Map<string, ArtifactEntry>();
  for (const { path, sizeBytes } of files) {
    if (!path.startsWith(start)) continue;
    const [name, ...deeper] = path.slice(start.length).split('/');
    entries.set(
      name,
      deeper.length > 0
        ? { name, isFolder: true }
        : { name, isFolder: false, sizeBytes },
    );
  }
  return [...entries.values()];
}
