import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { PollingLoop, WorkQueue } from '@greenroom/ai-node';
import type { Servability } from '@greenroom/plugin-ai-registry-common';
import { onnxFileOf } from '@greenroom/bundle-file';
import type { Knex } from 'knex';
import { join } from 'node:path';
import type { ArtifactStore } from '@greenroom/artifact-store';
import type { RegistryChanges } from '../events/announcement';
import { RUNS_AT_PROVIDER } from '../versions/external';
import type { VersionRef } from '../versions/VersionService';
import type { VersionStore } from '../versions/VersionStore';
import type { TrialResult, TrialRunner } from './TrialRunner';

const POLL_INTERVAL_MILLIS = 2_000;

/** What trials are called in the history. */
const ACTOR = 'service:greenroom';

export interface TrialsOptions {
  knex: Knex;
  versions: VersionStore;
  artifacts: ArtifactStore;
  changes: RegistryChanges;
  /** Undefined where no trial is configured; `why` says so to people. */
  runner: TrialRunner | { why: string };
  logger: LoggerService;
  now?: () => Date;
}

/**
 * Finds out whether versions can be served, by loading each once after it was registered
 * and again before it is promoted. One at a time: a trial may need all the memory there is.
 */
export class Trials {
  readonly #options: TrialsOptions;
  readonly #now: () => Date;
  readonly #queue: WorkQueue;
  readonly #loop: PollingLoop;
  readonly #stop = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: TrialsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    this.#queue = new WorkQueue({
      knex: options.knex,
      table: 'trial_work',
      key: 'version',
    });
    this.#loop = new PollingLoop({
      name: 'trying to load versions',
      intervalMillis: POLL_INTERVAL_MILLIS,
      logger: options.logger,
      run: signal => this.runOnce(signal),
    });
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop.stop();
  }

  /** Has the version tried soon, in the transaction that registers it. */
  enqueue(tx: Knex.Transaction, ref: VersionRef): Promise<void> {
    return this.#queue.enqueue(tx, `${ref.model}/${ref.version}`);
  }

  /** Tries every version that waits for it. */
  async runOnce(signal: AbortSignal): Promise<void> {
    let worked = true;
    while (worked && !signal.aborted) {
      worked = await this.#queue.workOnNext(async (id, until) => {
        const [model, version] = id.split('/');
        const ref = { model, version: Number(version) };
        try {
          await this.tryToLoad(ref, { again: false, signal: until });
        } catch (error) {
          until.throwIfAborted();
          const { message: reason } = toError(error);
          this.#options.logger.warn(`Version ${id} could not be tried`, {
            reason,
          });
          await this.#keep(ref, { state: 'not-tried', reason });
        }
        return undefined;
      }, signal);
    }
  }

  /**
   * What is known of the version, or what a new trial finds out.
   *
   * @throws NotFoundError, or TrialUnavailableError when the trial itself failed
   */
  async tryToLoad(
    ref: VersionRef,
    options: { again: boolean; signal?: AbortSignal },
  ): Promise<Servability> {
    const { servability, format } = await this.#options.versions.get(
      ref.model,
      ref.version,
    );
    const isKnown = servability.state !== 'pending';
    if (isKnown && (!options.again || format === 'external')) {
      return servability;
    }
    return this.#oneAtATime(() => this.#try(ref, options.signal));
  }

  async #try(
    ref: VersionRef,
    signal: AbortSignal = this.#stop.signal,
  ): Promise<Servability> {
    const { runner, versions, artifacts } = this.#options;
    if ('why' in runner) {
      return this.#keep(ref, { state: 'not-tried', reason: runner.why });
    }
    const version = await versions.get(ref.model, ref.version);
    const { format, digest, signature } = version;
    if (!signature) {
      return this.#keep(ref, { state: 'not-tried', reason: RUNS_AT_PROVIDER });
    }
    const until = AbortSignal.any([signal, this.#stop.signal]);
    const run = (file: string) => runner.run({ file, signature }, until);
    const files =
      version.files === undefined ? undefined : await versions.listFiles(ref);
    const result = await (files
      ? artifacts.withLocalFolder(files, folder =>
          run(join(folder, onnxFileOf({ format, files }).path)),
        )
      : artifacts.withLocalFile(digest, run));
    return this.#keep(ref, toServability(result, this.#now()));
  }

  async #keep(ref: VersionRef, servability: Servability): Promise<Servability> {
    const { versions, changes } = this.#options;
    const { model, version } = ref;
    await changes.transaction(async tx => {
      await versions.setServability(tx, ref, servability);
      await changes.record(tx, {
        action: 'version-tried',
        model,
        actor: ACTOR,
        after: { version, servability },
        announce: [{ type: 'model-changed', model, action: 'version-changed' }],
      });
    });
    return servability;
  }

  #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function toServability(result: TrialResult, now: Date): Servability {
  const triedAt = now.toISOString();
  const { servable, ...rest } = result;
  return servable
    ? ({ state: 'servable', triedAt, ...rest } as Servability)
    : ({ state: 'unservable', triedAt, ...rest } as Servability);
}
