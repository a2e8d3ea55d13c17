import { InputError } from '@backstage/errors';
import {
  type Conversion,
  conversionTemplateOf,
  type NewConversion,
  type TrainingJob,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import type { TrainingBackend } from '../backends/TrainingBackend';
import type { DefaultJobService } from '../jobs/JobService';
import type { JobStore } from '../jobs/JobStore';
import type { RegistryCall } from '../registry/registryTokenOf';
import {
  checkConvertible,
  checkNotMade,
  isOpen,
  toConversion,
  toConversionSpec,
} from './conversion';
import type { ConversionRegistry } from './ConversionRegistry';
import type { Converter } from './Converter';

export interface VersionRef {
  model: string;
  version: number;
}

/** Versions that MLflow has logged become ones in ONNX. Both fail with a NotFoundError where there is no such version. */
export interface ConversionService {
  /** The last one; undefined where there was none. */
  find(ref: VersionRef, call: RegistryCall): Promise<Conversion | undefined>;
  /**
   * Begins one; while one goes on, that is the one that is told.
   *
   * @throws InputError where it is none to convert, or nothing here can
   * @throws ConflictError where it was converted already, or is in ONNX
   */
  start(
    ref: VersionRef,
    wanted: NewConversion,
    call: RegistryCall,
  ): Promise<Conversion>;
}

export interface ConversionSettings {
  /** Of the container in a cluster, with its digest. */
  image?: string;
  /** Absolute path of a lock file that takes the place of the converter's own. */
  pythonLock?: string;
  /** Of its program, such as `4Gi`. */
  memory?: string;
}

export interface ConversionServiceOptions {
  backends: readonly TrainingBackend[];
  converter: Pick<Converter, 'read'>;
  jobs: Pick<DefaultJobService, 'submit'>;
  jobStore: Pick<JobStore, 'findNewest'>;
  registry: Pick<ConversionRegistry, 'getVersion' | 'findMade'>;
  settings: ConversionSettings;
}

/** Does what it is asked; `AuthorizedConversionService` asks whether it may. */
export class DefaultConversionService implements ConversionService {
  readonly #options: ConversionServiceOptions;

  constructor(options: ConversionServiceOptions) {
    this.#options = options;
  }

  /** @throws NotFoundError where there is none, or the caller may not know of it */
  async requireVersion(ref: VersionRef, call: RegistryCall): Promise<void> {
    await this.#options.registry.getVersion(ref, call);
  }

  async find(
    ref: VersionRef,
    call: RegistryCall,
  ): Promise<Conversion | undefined> {
    await this.#options.registry.getVersion(ref, call);
    const job = await this.#findJob(ref);
    return job && this.#describe(ref, job, call);
  }

  async start(
    ref: VersionRef,
    wanted: NewConversion,
    call: RegistryCall,
  ): Promise<Conversion> {
    const { converter, jobs, registry, settings } = this.#options;
    const { model, version } = await registry.getVersion(ref, call);
    checkConvertible(version);
    const last = await this.#findJob(ref);
    if (last) {
      if (isOpen(last.state)) return toConversion(ref, last);
      checkNotMade(await this.#describe(ref, last, call));
    }
    const { image, memory } = settings;
    const read = await converter.read();
    const spec = toConversionSpec(read.spec, {
      model: model.name,
      owner: model.owner,
      image,
      memory,
    });
    const template: TrainingTemplate = {
      ...read,
      spec,
      location: { type: 'file', target: 'converter' },
      readAt: new Date().toISOString(),
      registeredBy: 'service:greenroom',
    };
    const job = await jobs.submit(
      {
        template: spec.name,
        name: `${ref.model} ${ref.version} to ONNX`,
        backend: this.#chooseBackend(spec),
        parameters: {
          model: model.externalName,
          version: ref.version,
          allow_other_versions: wanted.allowOtherVersions ?? false,
        },
      },
      call,
      {
        template,
        // Asked for twice at the same time, by whomever, it is one.
        requestKey: `convert ${ref.model}/${ref.version} after ${
          last?.id ?? 'none'
        }`,
      },
    );
    return toConversion(ref, job);
  }

  #findJob({ model, version }: VersionRef): Promise<TrainingJob | undefined> {
    return this.#options.jobStore.findNewest({
      template: conversionTemplateOf(model),
      parameters: { version },
    });
  }

  async #describe(
    ref: VersionRef,
    job: TrainingJob,
    call: RegistryCall,
  ): Promise<Conversion> {
    if (job.state.phase !== 'succeeded') return toConversion(ref, job);
    const { model } = ref;
    const { registry } = this.#options;
    return toConversion(
      ref,
      job,
      await registry.findMade({ model, run: job.run }, call),
    );
  }

  /** The first that can: a cluster needs an image. */
  #chooseBackend({ program, resources }: TrainingTemplate['spec']): string {
    const { backends } = this.#options;
    const problems = backends.map(backend => ({
      name: backend.name,
      problem: backend.problemWith({ program, resources }),
    }));
    const able = problems.find(({ problem }) => problem === undefined);
    if (able) return able.name;
    if (problems.length === 0) {
      throw new InputError(
        'Nothing here runs training jobs, and a model is read in nothing else: configure aiTraining.kubernetes, or enable aiTraining.local',
      );
    }
    if (program.image === undefined) {
      throw new InputError(
        `The converter needs an image where it runs in a cluster ('${problems[0].name}'): build one with its packages, and name it by aiTraining.conversion.image`,
      );
    }
    throw new InputError(
      `The converter cannot run here (aiTraining.conversion): ${problems
        .map(({ name, problem }) => `${name}: ${problem}`)
        .join('; ')}`,
    );
  }
}
