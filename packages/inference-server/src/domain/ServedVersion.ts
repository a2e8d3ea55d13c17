import type {
  BatchingOptions,
  ReferenceArtifact,
} from '@greenroom/plugin-ai-inference-common';
import type { LanguageModel } from './LanguageModel';
import type { ModelRunner, RunRequest } from './ModelRunner';
import { VersionStatistics } from './VersionStatistics';
import type { OnDemand } from './OnDemand';
import type { Placement } from './Placement';
import type { ModelSchema, SharedDimension, Signature, Tensor } from './tensor';

/** A model version that is loaded and answers, by what it takes. */
export type ServedVersion = TensorVersion | LanguageVersion;

/** A version of either kind that does something with texts. */
export type TextVersion = ServedVersion & { readonly language: LanguageModel };

interface Identity {
  model: string;
  version: number;
  digest: string;
}

/** Keeps what it frees until nobody uses it any more. */
abstract class LoadedVersion {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly #release: () => Promise<void>;
  readonly #trouble: () => string | undefined;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  constructor(
    identity: Identity,
    release: () => Promise<void>,
    trouble: () => string | undefined = () => undefined,
  ) {
    this.model = identity.model;
    this.version = identity.version;
    this.digest = identity.digest;
    this.#release = release;
    this.#trouble = trouble;
  }

  /** Why it cannot answer right now, though it is loaded; undefined when it can. */
  get trouble(): string | undefined {
    return this.#trouble();
  }

  /** Keeps the version loaded until {@link LoadedVersion.leave}. */
  enter(): void {
    this.#inFlight++;
  }

  leave(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#onIdle?.();
  }

  /** Waits until no request holds the version, then frees it. Nothing may enter any more. */
  async retire(): Promise<void> {
    if (this.#inFlight > 0) {
      await new Promise<void>(resolve => {
        this.#onIdle = resolve;
      });
    }
    await this.#release();
  }
}

/** A version that takes tensors, and texts too where it knows how those become tensors. */
export class TensorVersion extends LoadedVersion {
  readonly kind = 'tensors';
  readonly schema: ModelSchema | undefined;
  /** What it does with texts; undefined for nothing. */
  readonly language: LanguageModel | undefined;
  /** Rows that explanations are given against; undefined where there are none. */
  readonly reference: ReferenceArtifact | undefined;
  /** Whether a provider runs it, who is paid for each row; else it computes here. */
  readonly isRemote: boolean;
  /** Most rows of a run that requests share; undefined where each is run by itself. */
  readonly batching:
    | Pick<BatchingOptions, 'maxRows' | 'maxDelayMicros'>
    | undefined;
  readonly statistics: VersionStatistics;
  /** Where it runs, and why; undefined where that is elsewhere. */
  readonly placement: Placement | undefined;
  /** Its memory, where it may leave that; undefined where it stays there. */
  readonly onDemand: OnDemand | undefined;
  readonly #runner: ModelRunner;

  constructor(
    options: Identity & {
      schema?: ModelSchema;
      reference?: ReferenceArtifact;
      isRemote?: boolean;
      batching?: TensorVersion['batching'];
      statistics?: VersionStatistics;
      placement?: Placement;
      onDemand?: OnDemand;
      runner: ModelRunner;
      /** Why the runner cannot run right now; left out for one that always can. */
      trouble?: () => string | undefined;
      /** By the same runner. */
      language?: LanguageModel;
    },
  ) {
    const release = async () => {
      await options.language?.release();
      await options.runner.release();
    };
    super(options, release, options.trouble);
    this.language = options.language;
    this.schema = options.schema;
    this.reference = options.reference;
    this.isRemote = options.isRemote ?? false;
    this.batching = options.batching;
    this.statistics = options.statistics ?? new VersionStatistics();
    this.placement = options.placement;
    this.onDemand = options.onDemand;
    this.#runner = options.runner;
  }

  get signature(): Signature {
    return this.#runner.signature;
  }

  get rowWise(): boolean {
    return this.#runner.rowWise;
  }

  get dimensions(): readonly SharedDimension[] {
    return this.#runner.dimensions;
  }

  run(request: RunRequest): Promise<Tensor[]> {
    return this.#runner.run(request);
  }
}

/** A version that takes text only: messages, prompts, things to embed. */
export class LanguageVersion extends LoadedVersion {
  readonly kind = 'language';
  readonly language: LanguageModel;
  /** As of a {@link TensorVersion}. */
  readonly isRemote = true;

  constructor(options: Identity & { language: LanguageModel }) {
    super(options, () => options.language.release());
    this.language = options.language;
  }
}
