import type {
  ExternalVariant,
  OnnxVariant,
} from '@greenroom/plugin-ai-inference-common';
import {
  DESCRIPTOR_FILE,
  onnxFileOf,
  parseDescriptor,
  type Bundle,
  type BundleFile,
} from '@greenroom/bundle-file';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Connections } from '../connections/Connections';
import type { LanguageModel } from '../domain/LanguageModel';
import type { ModelRunner } from '../domain/ModelRunner';
import {
  LanguageVersion,
  TensorVersion,
  type ServedVersion,
} from '../domain/ServedVersion';
import { VersionStatistics } from '../domain/VersionStatistics';
import type { WantedRoute, WantedVariant } from '../domain/WantedRoute';
import type { Logger } from '../logger';
import { BatchingRunner } from '../runners/BatchingRunner';
import { CostModel } from '../runners/cost/CostModel';
import { decideFlush, type FlushRule } from '../runners/decideFlush';
import { CachingRunner } from '../runners/cache/CachingRunner';
import { ResponseCache } from '../runners/cache/ResponseCache';
import { LimitedRunner } from '../runners/LimitedRunner';
import { MeasuredRunner } from '../runners/MeasuredRunner';
import type { ModelOpener, ReadyModel } from '../runners/ModelOpener';
import { MeasuredMemory } from '../runners/ondemand/MeasuredMemory';
import type { MemoryBudget, Seat } from '../runners/ondemand/MemoryBudget';
import { OnDemandModel } from '../runners/ondemand/OnDemandModel';
import { OnDemandRunner } from '../runners/ondemand/OnDemandRunner';
import type { ArtifactCache } from './ArtifactCache';
import { errorMessage } from '../errors';
import { loadEmbeddingModel } from '../language/embedding/loadEmbeddingModel';
import { ExternalLanguageModel } from '../language/ExternalLanguageModel';
import { ReadinessProbes } from '../remote/ReadinessProbes';
import { RemoteRunner } from '../remote/RemoteRunner';

/** A version that is ready to serve, and how many of its requests wait for a batch. */
export interface LoadedVersion {
  served: ServedVersion;
  queuedRequests(): number;
  /** Answers that are kept; undefined where none are. */
  cache?: ResponseCache;
}

/** A model's file, and what it lies among. */
interface FetchedModel {
  /** Absolute path. */
  file: string;
  /** Path in the bundle; empty where the version is that file alone. */
  modelPath: string;
  /** Of the bundle. */
  files: BundleFile[];
}

const WHERE: Record<ReadyModel['placement']['where'], string> = {
  inline: 'on the serving thread',
  worker: 'in a worker thread',
};

/** Longest run that requests share: on the serving thread all others wait for it, in a thread its neighbours do. */
const MOST_MILLIS: Record<ReadyModel['placement']['where'], number> = {
  inline: 5,
  worker: 50,
};

/** How often a model is opened once more, where something else made what it takes uncertain. */
const MORE_MEASURES = 3;

/** How long others wait to be loaded until a server has said whether a model is ready there; it is not, until it has. */
const FIRST_ANSWER_MILLIS = 250;

/** The artifact is there and no model that can be served. */
export class BrokenModelError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'BrokenModelError';
  }
}

/** Turns a variant of a snapshot into a version that answers: fetch, verify, load, warm. */
export class ModelLoader {
  readonly #artifacts: ArtifactCache;
  readonly #connections: Connections;
  readonly #probes: ReadinessProbes;
  readonly #logger: Logger;
  readonly #maxRequests: number;
  readonly #opener: ModelOpener;
  readonly #memory: MemoryBudget;
  readonly #flushRule: FlushRule;
  readonly #onBatch: (model: string, version: number, rows: number) => void;
  readonly #onTrouble: () => void;

  constructor(options: {
    artifacts: ArtifactCache;
    connections: Connections;
    logger: Logger;
    /** Whether models are ready that run elsewhere. */
    probes: ReadinessProbes;
    /** Most requests that one version has at a time, waiting or running. */
    maxRequests: number;
    opener: ModelOpener;
    /** Of all models that are in memory on demand. */
    memory: MemoryBudget;
    /** How long requests wait for others; what is worth it when left out. */
    flushRule?: FlushRule;
    /** A batch was run. */
    onBatch: (model: string, version: number, rows: number) => void;
    /** Whether a version can be asked that runs elsewhere has changed. */
    onTrouble?: () => void;
  }) {
    this.#artifacts = options.artifacts;
    this.#connections = options.connections;
    this.#probes = options.probes;
    this.#logger = options.logger;
    this.#maxRequests = options.maxRequests;
    this.#opener = options.opener;
    this.#memory = options.memory;
    this.#flushRule = options.flushRule ?? decideFlush;
    this.#onBatch = options.onBatch;
    this.#onTrouble = options.onTrouble ?? (() => {});
  }

  /**
   * @throws WrongArtifactError or BrokenModelError when trying again soon is of no use;
   *   any other error when the artifact could not be fetched.
   */
  async load(
    route: WantedRoute,
    variant: WantedVariant,
    signal?: AbortSignal,
  ): Promise<LoadedVersion> {
    switch (variant.kind) {
      case 'onnx':
        return this.#loadOnnx(route, variant, signal);
      case 'external':
        return this.#loadExternal(route, variant, signal);
      default:
        throw new BrokenModelError(
          `versions of the kind '${variant.name}' are not served by this data plane: update it`,
          undefined,
        );
    }
  }

  /** There is nothing to load: what is checked is that it could be called. */
  async #loadExternal(
    { model }: WantedRoute,
    variant: ExternalVariant,
    signal?: AbortSignal,
  ): Promise<LoadedVersion> {
    const { folder } = await this.#artifacts.ensureBundle(variant, {
      signal,
    });
    const text = await readFile(join(folder, DESCRIPTOR_FILE), 'utf8');
    const { version, digest, schema, reference } = variant;
    const identity = { model, version, digest };
    try {
      const descriptor = parseDescriptor(text);
      const lease = this.#connections.take(
        descriptor.connection,
        variant.connection,
      );
      const { tensors } = descriptor;
      if (tensors === undefined) {
        const language = new ExternalLanguageModel({ lease, descriptor });
        return {
          served: new LanguageVersion({ ...identity, language }),
          queuedRequests: () => 0,
        };
      }
      const statistics = new VersionStatistics();
      const remote = new RemoteRunner({
        lease,
        descriptor: { ...descriptor, tensors },
        probes: this.#probes,
        onTrouble: this.#onTrouble,
      });
      await remote.asked(FIRST_ANSWER_MILLIS);
      const runner = new LimitedRunner({
        inner: new MeasuredRunner({ inner: remote, statistics }),
        maxRequests: this.#maxRequests,
      });
      return {
        served: new TensorVersion({
          ...identity,
          schema,
          reference,
          runner,
          isRemote: true,
          statistics,
          trouble: () => remote.trouble,
        }),
        queuedRequests: () => 0,
      };
    } catch (error) {
      throw new BrokenModelError(errorMessage(error), error);
    }
  }

  async #loadOnnx(
    route: WantedRoute,
    variant: OnnxVariant,
    signal?: AbortSignal,
  ): Promise<LoadedVersion> {
    const fetched = await this.#fetch(variant, { signal });
    const { ready, onDemand } = await this.#openForRoute(
      fetched,
      route,
      variant,
    );
    const { warm, runs, statistics, placement } = ready;
    const inner = onDemand ?? ready.runner;
    const { model, batching, responseCacheBytes: maxBytes } = route;
    const { version, digest, schema } = variant;
    const cache =
      maxBytes === undefined ? undefined : new ResponseCache({ maxBytes });
    const served = async (running: ModelRunner) => {
      const computing = onDemand
        ? new OnDemandRunner({ model: onDemand, inner: running })
        : running;
      const runner = new LimitedRunner({
        inner: cache
          ? new CachingRunner({ inner: computing, cache, statistics })
          : computing,
        maxRequests: this.#maxRequests,
      });
      const language = await this.#loadLanguage(model, runner, fetched);
      return new TensorVersion({
        model,
        version,
        digest,
        schema,
        reference: variant.reference,
        runner,
        language,
        batching: warm.batchable ? batching : undefined,
        statistics,
        placement,
        onDemand,
        trouble: () => (onDemand ? onDemand.trouble : ready.trouble()),
      });
    };
    this.#logger.info(`the model runs ${WHERE[placement.where]}`, {
      model,
      version,
      reason: placement.reason,
    });
    if (warm.refusal !== undefined) {
      this.#logger.warn('the model is served, but not all it should take', {
        model,
        version,
        reason: warm.refusal,
      });
    }
    if (!warm.batchable) {
      if (warm.reason) {
        this.#logger.info('requests of this version are run one by one', {
          model,
          version,
          reason: warm.reason,
        });
      }
      return { served: await served(inner), queuedRequests: () => 0, cache };
    }
    if (warm.reason) {
      this.#logger.warn('requests share runs since the owner says so', {
        model,
        version,
        reason: warm.reason,
      });
    }
    const runner = new BatchingRunner({
      inner,
      batching,
      mostMillis: MOST_MILLIS[placement.where],
      gathersWhileBusy: placement.where === 'worker',
      cost: new CostModel(runs),
      rule: this.#flushRule,
      observer: { onBatch: rows => this.#onBatch(model, version, rows) },
    });
    return {
      served: await served(runner),
      queuedRequests: () => runner.queuedRequests,
      cache,
    };
  }

  async #loadLanguage(
    name: string,
    runner: ModelRunner,
    { file, modelPath, files }: FetchedModel,
  ): Promise<LanguageModel | undefined> {
    // A file on the disk that the bundle does not name is not of the version.
    const has = (beside: string) =>
      files.some(
        ({ path }) => path === posix.join(posix.dirname(modelPath), beside),
      );
    try {
      return await loadEmbeddingModel({ name, runner, file, has });
    } catch (error) {
      await runner.release();
      throw new BrokenModelError(errorMessage(error), error);
    }
  }

  async #fetch(
    variant: OnnxVariant,
    options: { signal?: AbortSignal; onlyHere?: boolean } = {},
  ): Promise<FetchedModel> {
    if (variant.files === undefined) {
      const file = await this.#artifacts.ensure(variant, options);
      return { file, modelPath: '', files: [] };
    }
    const found = await this.#artifacts.ensureBundle(variant, options);
    const { folder, bundle } = found;
    const { path: modelPath } = this.#modelOf(bundle);
    const file = join(folder, modelPath);
    return { file, modelPath, files: bundle.files };
  }

  #modelOf(bundle: Bundle): BundleFile {
    if (bundle.format !== 'onnx') {
      throw new BrokenModelError(
        `the bundle is of the format '${bundle.format}', which this data plane does not serve: update it`,
        undefined,
      );
    }
    try {
      return onnxFileOf(bundle);
    } catch (error) {
      throw new BrokenModelError(errorMessage(error), error);
    }
  }

  /** Opens it in any case, so that what is broken is known before somebody asks for it. */
  async #openForRoute(
    fetched: FetchedModel,
    route: WantedRoute,
    variant: OnnxVariant,
  ): Promise<{ ready: ReadyModel; onDemand?: OnDemandModel }> {
    if (route.loading !== 'on-demand') {
      return { ready: await this.#open(fetched, route, variant) };
    }
    const { model, batching } = route;
    const { version, signature, sizeBytes } = variant;
    const memory = new MeasuredMemory(sizeBytes);
    const budget = this.#memory;
    const about = { model, version, limitBytes: budget.limitBytes };
    const warnOf = (bytes: number) =>
      this.#logger.warn(
        'the model alone takes more memory than GREENROOM_MODEL_MEMORY_BYTES allows: it is in memory without any other',
        { ...about, bytes },
      );
    const { bySizeBytes } = memory;
    if (budget.isTooLarge(bySizeBytes)) warnOf(bySizeBytes);
    const seat = await this.#enter(bySizeBytes);
    const file = { ...fetched, signature, batching };
    let ready: ReadyModel;
    try {
      const isMeasured = budget.limitBytes > 0;
      ready = await this.#open(fetched, route, variant, { isMeasured });
      memory.learn(ready.grownBytes);
      // Nobody waits for it yet, and once it is there for too little nothing may have it leave.
      for (
        let i = 0;
        isMeasured && memory.isDoubtful && i < MORE_MEASURES;
        i++
      ) {
        await ready.runner.release();
        const options = { sizeBytes, isMeasured };
        ready = await this.#opener.openAgain(file, ready, options);
        memory.learn(ready.grownBytes);
      }
    } catch (error) {
      seat.leave();
      throw error;
    }
    const onDemand = new OnDemandModel({
      ready,
      memory,
      seat,
      budget,
      openAgain: async () => {
        await this.#checkFiles(model, variant);
        return this.#opener.openAgain(file, ready, { sizeBytes });
      },
      onError: error =>
        this.#logger.error('model not freed', { model, version, error }),
    });
    const { bytes } = memory;
    if (bytes !== bySizeBytes) {
      this.#logger.info('the memory of the model was measured', {
        ...about,
        bytes,
        bySizeBytes,
      });
    }
    if (budget.isTooLarge(bytes) && !budget.isTooLarge(bySizeBytes)) {
      warnOf(bytes);
    }
    return { ready, onDemand };
  }

  /**
   * Disks and people change files. What is not as it was is fetched again, but no request waits for that.
   *
   * @throws Error for people
   */
  async #checkFiles(model: string, variant: OnnxVariant): Promise<void> {
    try {
      await this.#fetch(variant, { onlyHere: true });
    } catch (damage) {
      const { version } = variant;
      this.#logger.error('files of a model on demand are not as they were', {
        model,
        version,
        error: errorMessage(damage),
      });
      this.#fetch(variant).catch(error =>
        this.#logger.error('they could not be fetched again', {
          model,
          version,
          error: errorMessage(error),
        }),
      );
      throw new Error(
        'its files on the disk are not as they were, and are fetched again: try again in a moment',
        { cause: damage },
      );
    }
  }

  async #enter(bytes: number): Promise<Seat> {
    try {
      return await this.#memory.enter(bytes);
    } catch (error) {
      throw new BrokenModelError(errorMessage(error), error);
    }
  }

  async #open(
    fetched: FetchedModel,
    { batching, placement: wish }: WantedRoute,
    { signature, sizeBytes }: OnnxVariant,
    options: { isMeasured?: boolean } = {},
  ): Promise<ReadyModel> {
    try {
      return await this.#opener.open(
        { ...fetched, signature, batching },
        { ...options, sizeBytes, wish },
      );
    } catch (error) {
      throw new BrokenModelError(
        `the model cannot be loaded: ${errorMessage(error)}`,
        error,
      );
    }
  }
}
