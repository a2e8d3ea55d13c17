import { InputError, isError, NotFoundError } from '@backstage/errors';
import {
  type DeploymentManifest,
  type Environment,
  type EnvironmentProblem,
  ENVIRONMENTS,
} from '@greenroom/plugin-ai-registry-common';
import type { GitHost, RepositoryFile } from './GitHost';
import {
  MANIFESTS_FOLDER,
  manifestPath,
  parseManifest,
  parseManifestPath,
} from './manifest';

export type ManifestProblem = Omit<EnvironmentProblem, 'since'>;

/** A manifest that can be applied, or why it cannot. */
export type ManifestReading =
  | { manifest: DeploymentManifest }
  | { problem: ManifestProblem };

export interface RegisteredVersions {
  /** @throws NotFoundError */
  get(model: string, version: number): Promise<{ digest: string }>;
}

/** Reads the manifests of the environments repository and holds them against the registry. */
export class ManifestReader {
  readonly #gitHost: GitHost;
  readonly #versions: RegisteredVersions;

  constructor(options: { gitHost: GitHost; versions: RegisteredVersions }) {
    this.#gitHost = options.gitHost;
    this.#versions = options.versions;
  }

  /** Every manifest at a revision. */
  async read(revision: string): Promise<ManifestReading[]> {
    const files = await this.#gitHost.listFiles({
      folder: MANIFESTS_FOLDER,
      revision,
    });
    return Promise.all(
      files
        .filter(file => parseManifestPath(file.path))
        .map(file => this.#readManifest(file, revision)),
    );
  }

  async #readManifest(
    file: RepositoryFile,
    revision: string,
  ): Promise<ManifestReading> {
    const { environment = '', model = '' } = parseManifestPath(file.path) ?? {};
    try {
      const place = { environment: checkEnvironment(environment), model };
      if (file.path !== manifestPath(place)) {
        throw new InputError(`${file.path}: expected the ending .yaml`);
      }
      const manifest = parseManifest(file.content, place);
      await this.#checkVersion(manifest, file.path);
      return { manifest };
    } catch (error) {
      if (!isError(error) || error.name !== 'InputError') throw error;
      const change = await this.#gitHost.lastChange({
        path: file.path,
        revision,
      });
      const commit = change?.revision ?? revision;
      const { message } = error;
      return {
        problem: { path: file.path, environment, model, message, commit },
      };
    }
  }

  async #checkVersion(
    manifest: DeploymentManifest,
    path: string,
  ): Promise<void> {
    const { version, digest } = manifest.spec;
    const model = manifest.metadata.name;
    const registered = await this.#versions.get(model, version).catch(error => {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
    if (!registered) {
      throw new InputError(
        `${path}: spec.version: the registry has no version ${version} of '${model}'`,
      );
    }
    if (registered.digest !== digest) {
      throw new InputError(
        `${path}: spec.digest: version ${version} of '${model}' is ${registered.digest}, not ${digest}`,
      );
    }
  }
}

function checkEnvironment(name: string): Environment {
  const environment = ENVIRONMENTS.find(known => known === name);
  if (!environment) {
    throw new InputError(
      `${MANIFESTS_FOLDER}/${name}: expected one of the environments ${ENVIRONMENTS.join(
        ', ',
      )}`,
    );
  }
  return environment;
}
