import { toError } from '@backstage/errors';
import {
  findVersionFaults,
  type Manifest,
  MANIFESTS_FOLDER,
  MAX_MANIFEST_BYTES,
  parseManifestPath,
  readManifestFile,
  variantsOf,
} from '@greenroom/manifest';
import {
  type EnvironmentProblem,
  type Environments,
  isPersonal,
  type Model,
  type ModelFormat,
  type RolloutPlan,
} from '@greenroom/plugin-ai-registry-common';
import { NOT_SERVED_YET } from '../versions/mlflow/notServed';
import type { VersionRef } from '../versions/VersionService';
import type { AppliedDeployment } from './DesiredDeploymentStore';
import { findAliasConflicts, placeKey } from './findAliasConflicts';
import {
  findNamespaceConflicts,
  type NamespaceClaim,
} from './findNamespaceConflicts';
import type { GitHost, RepositoryFile } from './GitHost';

export type ManifestProblem = Omit<EnvironmentProblem, 'since'>;

/** A manifest that can be applied, or why it cannot. */
export type ManifestReading =
  | { manifest: Manifest }
  | { problem: ManifestProblem };

export interface RegisteredVersions {
  /** Digests and formats of those versions that exist. */
  findDigests(
    versions: VersionRef[],
  ): Promise<(VersionRef & { digest: string; format: ModelFormat })[]>;
}

export interface RegisteredModels {
  /** In the order of the names; undefined where there is no such model. */
  getMany(names: string[]): Promise<(Pick<Model, 'tags'> | undefined)[]>;
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
  readonly #models: RegisteredModels;
  readonly #environments: Environments;

  constructor(options: {
    gitHost: GitHost;
    versions: RegisteredVersions;
    models: RegisteredModels;
    environments: Environments;
  }) {
    this.#gitHost = options.gitHost;
    this.#versions = options.versions;
    this.#models = options.models;
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
    const known = await this.#refusePersonalRows(
      await this.#checkVersions(parsed),
    );
    const checked = refuseTakenParts(
      refuseTakenAliases(known, applied),
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
    try {
      const { names } = this.#environments;
      return { file, manifest: readManifestFile(file, names) };
    } catch (error) {
      return { file, error: toError(error).message };
    }
  }

  /** Asks for all versions at once. */
  async #checkVersions(parsed: Parsed[]): Promise<Parsed[]> {
    const wanted = parsed.flatMap(one =>
      'manifest' in one ? variantsOf(one.manifest) : [],
    );
    const versions = await this.#versions.findDigests(wanted);
    const found = new Map(
      versions.map(({ model, version, digest }) => [
        `${model}/${version}`,
        digest,
      ]),
    );
    const unserved = new Set(
      versions
        .filter(({ format }) => format === 'mlflow')
        .map(({ model, version }) => `${model}/${version}`),
    );
    return parsed.map(one => {
      if (!('manifest' in one)) return one;
      const { file, manifest } = one;
      const [fault] = findVersionFaults(manifest, found);
      if (fault) return { file, error: `${file.path}: ${fault.message}` };
      const folder = variantsOf(manifest).find(({ model, version }) =>
        unserved.has(`${model}/${version}`),
      );
      return folder
        ? {
            file,
            error: `${file.path}: version ${folder.version}: ${NOT_SERVED_YET}`,
          }
        : one;
    });
  }

  /** Rows that say something about people are kept nowhere. */
  async #refusePersonalRows(parsed: Parsed[]): Promise<Parsed[]> {
    const models = parsed.flatMap(one =>
      keepsRows(one) ? placeOf(one.manifest).model : [],
    );
    if (models.length === 0) return parsed;
    const found = await this.#models.getMany(models);
    const personal = new Set(
      models.filter((_, index) => {
        const model = found[index];
        return model !== undefined && isPersonal(model);
      }),
    );
    return parsed.map(one => {
      if (!keepsRows(one) || !personal.has(placeOf(one.manifest).model)) {
        return one;
      }
      const { file, manifest } = one;
      const { model } = placeOf(manifest);
      return {
        file,
        error: `${file.path}: spec.recentRows: '${model}' is tagged personal, and rows about people are not kept: leave it out, or take the tag away if it is wrong`,
      };
    });
  }
}

function keepsRows(
  one: Parsed,
): one is { file: RepositoryFile; manifest: Manifest } {
  return 'manifest' in one && one.manifest.spec.recentRows?.mode === 'on';
}

/** Two experiments of one namespace share no caller. */
function refuseTakenParts(
  parsed: Parsed[],
  applied: readonly AppliedDeployment[],
): Parsed[] {
  const conflicts = findNamespaceConflicts({
    claims: parsed.flatMap(one =>
      'manifest' in one
        ? claimOf(placeOf(one.manifest), one.manifest.spec.rollout)
        : [],
    ),
    held: applied.flatMap(one => claimOf(one, one.rollout)),
  });
  return refuse(parsed, conflicts);
}

function claimOf(
  place: { environment: string; model: string },
  rollout: RolloutPlan | Manifest['spec']['rollout'],
): NamespaceClaim[] {
  const { environment, model } = place;
  return rollout.strategy === 'experiment' && rollout.namespace
    ? [{ environment, model, ...rollout.namespace }]
    : [];
}

/** @param errors - a sentence for each that is refused, by {@link placeKey} */
function refuse(
  parsed: Parsed[],
  errors: ReadonlyMap<string, string>,
): Parsed[] {
  return parsed.map(one => {
    if (!('manifest' in one)) return one;
    const error = errors.get(placeKey(placeOf(one.manifest)));
    const { file } = one;
    return error === undefined
      ? one
      : { file, error: `${file.path}: ${error}` };
  });
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
  return refuse(parsed, conflicts);
}

function placeOf({ metadata }: Manifest) {
  return { environment: metadata.environment, model: metadata.name };
}

/** What a table and a page can show of what may be any bytes. */
function printable(message: string): string {
  return message
    .replace(/[^\P{C}\n]/gu, '\uFFFD')
    .slice(0, MAX_MESSAGE_CHARACTERS);
}
