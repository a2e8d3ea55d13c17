import { toError } from '@backstage/errors';
import type {
  EnvironmentProblem,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { VersionRef } from '../versions/VersionService';
import type { AppliedDeployment } from './DesiredDeploymentStore';
import { findAliasConflicts, placeKey } from './findAliasConflicts';
import type { GitHost, RepositoryFile } from './GitHost';
import {
  type Manifest,
  MANIFESTS_FOLDER,
  manifestPath,
  MAX_MANIFEST_BYTES,
  parseManifest,
  parseManifestPath,
} from '../manifests';

export type ManifestProblem = Omit<EnvironmentProblem, 'since'>;

/** A manifest that can be applied, or why it cannot. */
export type ManifestReading =
  | { manifest: Manifest }
  | { problem: ManifestProblem };

export interface RegisteredVersions {
  /** Digests of those versions that exist. */
  findDigests(
    versions: VersionRef[],
  ): Promise<(VersionRef & { digest: string })[]>;
}

type Parsed =
  | { file: RepositoryFile; manifest: Manifest }
  | { file: RepositoryFile; error: string };

/** An error message is for people; a parser's may quote the whole file. */
const MAX_MESSAGE_CHARACTERS = 1_000;

/**
 * Reads the manifests of the environments repository and holds them against the registry.
 * Whatever is wrong with a file is a problem of that file alone.
 */
export class ManifestReader {
  readonly #gitHost: GitHost;
  readonly #versions: RegisteredVersions;
  readonly #environments: Environments;

  constructor(options: {
    gitHost: GitHost;
    versions: RegisteredVersions;
    environments: Environments;
  }) {
    this.#gitHost = options.gitHost;
    this.#versions = options.versions;
    this.#environments = options.environments;
  }

  /**
   * Every manifest at a revision, and every YAML file that seems to be meant as one.
   *
   * @param applied - what is in force, which goes on where its manifest is refused
   */
  async read(
    revision: string,
    applied: readonly AppliedDeployment[],
  ): Promise<ManifestReading[]> {
    const files = await this.#gitHost.listFiles({
      folder: MANIFESTS_FOLDER,
      revision,
      maxFileBytes: MAX_MANIFEST_BYTES,
    });
    const parsed = files
      .filter(file => parseManifestPath(file.path))
      .map(file => this.#parse(file));
    const readings: ManifestReading[] = [];
    const checked = refuseTakenAliases(
      await this.#checkVersions(parsed),
      applied,
    );
    for (const one of checked) {
      readings.push(
        'manifest' in one
          ? { manifest: one.manifest }
          : { problem: await this.problemOf(one, revision) },
      );
    }
    return readings;
  }

  /** Says who has to know that a file is not applied. */
  async problemOf(
    { file, error }: { file: Pick<RepositoryFile, 'path'>; error: string },
    revision: string,
  ): Promise<ManifestProblem> {
    const { path } = file;
    const { environment = '', model = '' } = parseManifestPath(path) ?? {};
    const change = await this.#gitHost.lastChange({ path, revision });
    const commit = change?.revision ?? revision;
    return { path, environment, model, message: printable(error), commit };
  }

  #parse(file: RepositoryFile): Parsed {
    const { path, content, sizeBytes } = file;
    try {
      const { environment = '', model = '' } = parseManifestPath(path) ?? {};
      if (!this.#environments.has(environment)) {
        throw new Error(
          `${MANIFESTS_FOLDER}/${environment}: expected one of the environments ${this.#environments.names.join(
            ', ',
          )}`,
        );
      }
      const place = { environment, model };
      if (path !== manifestPath(place)) {
        throw new Error(
          `${path}: expected manifests at ${manifestPath(place)} only`,
        );
      }
      if (content === undefined) {
        throw new Error(
          `${path}: expected at most ${MAX_MANIFEST_BYTES} bytes, got ${sizeBytes}`,
        );
      }
      return { file, manifest: parseManifest(content, place) };
    } catch (error) {
      return { file, error: toError(error).message };
    }
  }

  /** Asks for all versions at once. */
  async #checkVersions(parsed: Parsed[]): Promise<Parsed[]> {
    const wanted = parsed.flatMap(one =>
      'manifest' in one ? [versionOf(one.manifest)] : [],
    );
    const found = new Map(
      (await this.#versions.findDigests(wanted)).map(
        ({ model, version, digest }) => [`${model}/${version}`, digest],
      ),
    );
    return parsed.map(one => {
      if (!('manifest' in one)) return one;
      const { model, version } = versionOf(one.manifest);
      const error = explainVersion(one, found.get(`${model}/${version}`));
      return error === undefined ? one : { file: one.file, error };
    });
  }
}

function refuseTakenAliases(
  parsed: Parsed[],
  applied: readonly AppliedDeployment[],
): Parsed[] {
  const conflicts = findAliasConflicts({
    claims: parsed.flatMap(one =>
      'manifest' in one
        ? {
            ...placeOf(one.manifest),
            aliases: one.manifest.spec.languageModel?.aliases ?? [],
          }
        : [],
    ),
    held: applied.map(({ environment, model, languageModel }) => ({
      environment,
      model,
      aliases: languageModel?.aliases ?? [],
    })),
    models: parsed.flatMap(({ file }) => parseManifestPath(file.path) ?? []),
  });
  return parsed.map(one => {
    if (!('manifest' in one)) return one;
    const error = conflicts.get(placeKey(placeOf(one.manifest)));
    const { file } = one;
    return error === undefined
      ? one
      : { file, error: `${file.path}: ${error}` };
  });
}

function placeOf({ metadata }: Manifest) {
  return { environment: metadata.environment, model: metadata.name };
}

function versionOf(manifest: Manifest): VersionRef {
  return { model: manifest.metadata.name, version: manifest.spec.version };
}

function explainVersion(
  one: { file: RepositoryFile; manifest: Manifest },
  registered: string | undefined,
): string | undefined {
  const { path } = one.file;
  const { model, version } = versionOf(one.manifest);
  const { digest } = one.manifest.spec;
  if (registered === undefined) {
    return `${path}: spec.version: the registry has no version ${version} of '${model}'`;
  }
  return registered === digest
    ? undefined
    : `${path}: spec.digest: version ${version} of '${model}' is ${registered}, not ${digest}`;
}

/** What a table and a page can show of what may be any bytes. */
function printable(message: string): string {
  return message
    .replace(/[^\P{C}\n]/gu, '\uFFFD')
    .slice(0, MAX_MESSAGE_CHARACTERS);
}
