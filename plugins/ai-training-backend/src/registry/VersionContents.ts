import { InputError, NotFoundError } from '@backstage/errors';
import {
  type BundleFile,
  DESCRIPTION_FILE,
  type VersionContent,
  type VersionFacts,
  type VersionSource as RegisteredSource,
} from '@greenroom/plugin-ai-registry-common';
import type { ArtifactPath } from '../artifacts/artifactPath';
import type { ArtifactService } from '../artifacts/ArtifactService';
import type { LoggedModelService } from '../loggedModels/LoggedModelService';
import type { RegistryCaller } from './RegistryCaller';
import type { RegistryCall } from './registryTokenOf';
import { readDescription } from './readDescription';
import { parseSource, type VersionSource } from './source';

/** Says that a folder is one of MLflow. */
const MLMODEL_FILE = 'MLmodel';

/** What a new version is made of, and what its source says of where it comes from. */
export interface FoundContent {
  content: VersionContent;
  /** What `greenroom.json` beside the model says of it; nothing where there is none. */
  said?: VersionFacts;
  source: Pick<RegisteredSource, 'run' | 'loggedModel'>;
}

/**
 * Finds the files of new versions where clients say they are: with runs and logged models of this server, or in
 * the registry. They stay where they are; both have them in one store, by their digests.
 */
export class VersionContents {
  readonly #registry: RegistryCaller;
  readonly #artifacts: Pick<
    ArtifactService,
    'findOwner' | 'listFiles' | 'open'
  >;
  readonly #loggedModels: Pick<LoggedModelService, 'get'>;

  constructor(options: {
    registry: RegistryCaller;
    artifacts: Pick<ArtifactService, 'findOwner' | 'listFiles' | 'open'>;
    loggedModels: Pick<LoggedModelService, 'get'>;
  }) {
    this.#registry = options.registry;
    this.#artifacts = options.artifacts;
    this.#loggedModels = options.loggedModels;
  }

  /** @throws InputError or NotFoundError that says what is not there */
  async find(uri: string, call: RegistryCall): Promise<FoundContent> {
    const source = parseSource(uri);
    switch (source.kind) {
      case 'version':
      case 'alias':
      case 'registered':
        return this.#copy(source, call);
      case 'logged-model': {
        const { id, path } = source;
        const { sourceRun } = await this.#loggedModels.get(id, call);
        const found = await this.#folder(uri, source, path, call);
        return { ...found, source: { run: sourceRun, loggedModel: id } };
      }
      case 'run': {
        const { id, path } = source;
        const found = await this.#folder(uri, source, path, call);
        return { ...found, source: { run: id } };
      }
      default: {
        const { owner, path } = source.folder;
        const found = await this.#folderAt(uri, source.folder, call);
        if (owner.kind === 'run') {
          return { ...found, source: { run: owner.id } };
        }
        const { sourceRun } = await this.#loggedModels.get(owner.id, call);
        return {
          ...found,
          source: {
            run: sourceRun,
            ...(path === '' && { loggedModel: owner.id }),
          },
        };
      }
    }
  }

  async #folder(
    uri: string,
    { kind, id }: { kind: 'run' | 'logged-model'; id: string },
    path: string,
    call: RegistryCall,
  ): Promise<Omit<FoundContent, 'source'>> {
    const { owner, experiment } = await this.#artifacts.findOwner(
      { kind: kind === 'run' ? 'run' : 'model', id },
      call,
    );
    return this.#folderAt(uri, { owner, experiment, path }, call);
  }

  async #folderAt(
    uri: string,
    folder: ArtifactPath,
    call: RegistryCall,
  ): Promise<Omit<FoundContent, 'source'>> {
    const all = await this.#artifacts.listFiles(folder, call);
    const description = all.find(({ path }) => path === DESCRIPTION_FILE);
    const files = all.filter(file => file !== description);
    if (files.length === 0) {
      throw new InputError(
        `Invalid model version source: '${uri}'. There are no files: log the model there first`,
      );
    }
    const isFolderOfMlflow = files.some(({ path }) => path === MLMODEL_FILE);
    const isOnnx = files.some(({ path }) => /\.onnx$/i.test(path));
    if (!isFolderOfMlflow && !isOnnx) {
      throw new InputError(
        `Invalid model version source: '${uri}'. There is no MLmodel among its ${files.length} files, and no model in ONNX: name the folder that log_model has written`,
      );
    }
    return {
      content: {
        bundle: { format: isFolderOfMlflow ? 'mlflow' : 'onnx', files },
      },
      said:
        description && (await readDescription(description, this.#artifacts)),
    };
  }

  async #copy(
    source: Extract<
      VersionSource,
      { kind: 'version' | 'alias' | 'registered' }
    >,
    call: RegistryCall,
  ): Promise<FoundContent> {
    const original = await this.#original(source, call);
    const { model, version, digest, files, source: from } = original;
    if (files === undefined) {
      return { content: { digest }, source: from };
    }
    const { items } = await this.#registry.ask(call, (registry, options) =>
      registry.listVersionFiles(model, version, options),
    );
    return { content: this.#bundleOf(original, items), source: from };
  }

  /** What was a folder of MLflow is read as one once more. */
  #bundleOf(
    {
      format,
      mlflow,
    }: { format: 'onnx' | 'external' | 'mlflow'; mlflow?: object },
    files: BundleFile[],
  ): VersionContent {
    return { bundle: { format: mlflow ? 'mlflow' : format, files } };
  }

  async #original(
    source: Extract<
      VersionSource,
      { kind: 'version' | 'alias' | 'registered' }
    >,
    call: RegistryCall,
  ) {
    if (source.kind === 'version') {
      return this.#registry.getVersion(source, call);
    }
    if (source.kind === 'registered') {
      const { model, version } = source;
      return this.#registry.ask(call, (registry, options) =>
        registry.getVersion(model, version, options),
      );
    }
    const { externalName, alias } = source;
    const { aliases } = await this.#registry.getModel(externalName, call);
    const found = aliases.find(one => one.alias === alias);
    if (found) {
      const { version } = found;
      return this.#registry.getVersion({ externalName, version }, call);
    }
    throw new NotFoundError(`Registered model alias ${alias} not found.`);
  }
}
