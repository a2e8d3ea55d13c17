import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { PollingLoop, WorkQueue } from '@greenroom/ai-node';
import type {
  ConversionCheck,
  ReferenceValue,
  Servability,
} from '@greenroom/plugin-ai-registry-common';
import { onnxFileOf } from '@greenroom/bundle-file';
import type { Knex } from 'knex';
import type { RegistryChanges } from '../events/announcement';
import { compareAnswers } from '../versions/conversion/compareAnswers';
import type { ConversionExamples } from '../versions/conversion/ConversionExamples';
import type { ConversionStore } from '../versions/conversion/ConversionStore';
import { RUNS_AT_PROVIDER } from '../versions/external';
import { NOT_SERVED_YET } from '../versions/mlflow/notServed';
import { nameClasses } from '../versions/nameClasses';
import type { VersionRef } from '../versions/VersionService';
import type { VersionStore } from '../versions/VersionStore';
import { TrialLine } from './TrialLine';
import {
  type Rehearsal,
  type TrialRequest,
  type TrialResult,
  type TrialRunner,
  TrialsBusyError,
} from './TrialRunner';

const POLL_INTERVAL_MILLIS = 2_000;

/** One is tried, and one stands ready, so that no time is lost between them. */
const IN_LINE = 2;

/** What a version's file is called that is none of several. */
const FILE = 'model.onnx';

/** What trials are called in the history. */
const ACTOR = 'service:greenroom';

export interface TrialsOptions {
  knex: Knex;
  versions: VersionStore;
  changes: RegistryChanges;
  /** Of versions that were converted. */
  conversions: Pick<ConversionStore, 'addCheck'>;
  examples: Pick<ConversionExamples, 'find'>;
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
  readonly #line: TrialLine;
  #inLine = 0;

  constructor(options: TrialsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    this.#line = new TrialLine({ now: () => this.#now().getTime() });
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
   * @param options - `patient: false` is told to ask again later rather than to stand in a long line
   *
   * @throws NotFoundError, TrialsBusyError, or TrialUnavailableError when the trial itself failed
   */
  async tryToLoad(
    ref: VersionRef,
    options: { again: boolean; patient?: boolean; signal?: AbortSignal },
  ): Promise<Servability> {
    const { servability, format } = await this.#options.versions.get(
      ref.model,
      ref.version,
    );
    const isKnown = servability.state !== 'pending';
    // Nothing else is ever loaded.
    if (isKnown && (!options.again || format !== 'onnx')) {
      return servability;
    }
    return this.#oneAtATime(ref, () => this.#try(ref, options.signal), options);
  }

  /**
   * Has the version answer rows, apart from everything else, and measures how long one takes. Nothing is kept of it.
   *
   * @param rows - [row][feature], in the order of the schema's features; empty to measure only the time
   * @returns undefined where it cannot be loaded, or no trial is configured
   * @throws NotFoundError, TrialsBusyError, or TrialUnavailableError when the trial itself failed
   */
  async rehearse(
    ref: VersionRef,
    options: {
      rows: readonly ReferenceValue[][];
      patient?: boolean;
      signal: AbortSignal;
    },
  ): Promise<Rehearsal | undefined> {
    const { rows, signal } = options;
    return this.#oneAtATime(
      ref,
      async () => {
        const result = await this.#load(ref, { rows }, signal);
        return 'servable' in result && result.servable
          ? result.rehearsal
          : undefined;
      },
      options,
    );
  }

  /**
   * Has the version answer rows, with the scores of its classes. Whoever asks for many does so in parts, and waits in
   * line before each, so that others get their turn.
   *
   * @param rows - [row][feature], in the order of the schema's features; at most {@link mostRowsCharacters} as JSON
   * @returns a sentence where it cannot be loaded, or no trial is configured
   * @throws NotFoundError, or TrialUnavailableError when the trial itself failed
   */
  async answer(
    ref: VersionRef,
    options: { rows: readonly ReferenceValue[][]; signal: AbortSignal },
  ): Promise<{ rehearsal: Rehearsal; runtime: string } | { why: string }> {
    const { rows, signal } = options;
    return this.#oneAtATime(
      ref,
      async () => {
        // Its turn may come long after nobody waits for it any more.
        signal.throwIfAborted();
        const asked = { rows, answersOnly: true };
        const result = await this.#load(ref, asked, signal);
        if ('why' in result) return result;
        if (!result.servable) return { why: result.reason };
        const { rehearsal, runtime } = result;
        return rehearsal
          ? { rehearsal, runtime }
          : { why: `${runtime} gave no answers: update it` };
      },
      {},
    );
  }

  /** How many characters the rows of {@link answer} may have as JSON. */
  get mostRowsCharacters(): number {
    const { runner } = this.#options;
    return 'why' in runner ? Infinity : runner.maxRowsCharacters ?? Infinity;
  }

  async #try(
    ref: VersionRef,
    signal: AbortSignal = this.#stop.signal,
  ): Promise<Servability> {
    const result = await this.#load(ref, { rows: [] }, signal);
    if ('why' in result) {
      return this.#keep(ref, { state: 'not-tried', reason: result.why });
    }
    const check = result.servable
      ? await this.#checkConversion(ref, signal)
      : undefined;
    return this.#keep(
      ref,
      toServability(refusalOf(check) ?? result, this.#now()),
      check,
    );
  }

  /** Has a version that was converted answer the rows of its example again; undefined where it was not. */
  async #checkConversion(
    ref: VersionRef,
    signal: AbortSignal,
  ): Promise<ConversionCheck | undefined> {
    const { examples, versions } = this.#options;
    const file = await examples.find(ref);
    if (!file) return undefined;
    const checkedAt = this.#now().toISOString();
    const notChecked = (reason: string) =>
      ({ outcome: 'not-checked', checkedAt, reason } as const);
    const { schema: said, example } = file;
    const { signature } = await versions.get(ref.model, ref.version);
    if (!said || !signature) {
      return notChecked(
        'It answers more than a label or a number for each row, which is not computed again',
      );
    }
    if (!example) {
      return notChecked('The rows of its example were too long to be kept');
    }
    const schema = nameClasses(said, signature);
    const { rows } = example;
    const asked = { rows, schema, answersOnly: true };
    const result = await this.#load(ref, asked, signal);
    if ('why' in result) return notChecked(result.why);
    if (!result.servable) return notChecked(result.reason);
    const { rehearsal, runtime } = result;
    if (!rehearsal) return notChecked(`${runtime} gave no answers: update it`);
    const compared = compareAnswers(example, said.task, rehearsal);
    return compared.outcome === 'not-checked'
      ? notChecked(compared.reason)
      : { ...compared, checkedAt, runtime };
  }

  async #load(
    ref: VersionRef,
    asked: Pick<TrialRequest, 'rows' | 'answersOnly' | 'schema'>,
    signal: AbortSignal,
  ): Promise<TrialResult | { why: string }> {
    const { runner, versions } = this.#options;
    if ('why' in runner) return runner;
    const version = await versions.get(ref.model, ref.version);
    const { rows, answersOnly, schema = version.schema } = asked;
    const { format, digest, sizeBytes, signature } = version;
    if (format === 'mlflow') return { why: NOT_SERVED_YET };
    if (!signature) return { why: RUNS_AT_PROVIDER };
    const files =
      version.files === undefined ? undefined : await versions.listFiles(ref);
    const model = files
      ? { name: ref.model, files, entry: onnxFileOf({ format, files }).path }
      : {
          name: ref.model,
          files: [{ path: FILE, digest, sizeBytes }],
          entry: FILE,
        };
    return runner.run(
      {
        model,
        signature,
        ...(rows && { schema, rows }),
        ...(answersOnly && { answersOnly }),
      },
      AbortSignal.any([signal, this.#stop.signal]),
    );
  }

  async #keep(
    ref: VersionRef,
    servability: Servability,
    check?: ConversionCheck,
  ): Promise<Servability> {
    const { conversions, versions, changes } = this.#options;
    const { model, version } = ref;
    await changes.transaction(async tx => {
      await versions.setServability(tx, ref, servability);
      if (check) await conversions.addCheck(tx, ref, check);
      await changes.record(tx, {
        action: 'version-tried',
        model,
        actor: ACTOR,
        after: { version, servability, ...(check && { check }) },
        announce: [{ type: 'model-changed', model, action: 'version-changed' }],
      });
    });
    return servability;
  }

  async #oneAtATime<T>(
    { model, version }: VersionRef,
    work: () => Promise<T>,
    { patient = true }: { patient?: boolean },
  ): Promise<T> {
    if (!patient) {
      const again = this.#line.ask(`${model}/${version}`, this.#free());
      if (again) throw new TrialsBusyError(again);
    }
    this.#inLine += 1;
    const result = this.#last.then(async () => {
      const startedMillis = performance.now();
      try {
        return await work();
      } finally {
        this.#line.note(performance.now() - startedMillis);
      }
    });
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#inLine -= 1;
    }
  }

  #free(): 'all' | 'some' | 'none' {
    if (this.#inLine === 0) return 'all';
    return this.#inLine < IN_LINE ? 'some' : 'none';
  }
}

/** One that answers otherwise than its model is not served, though it could be loaded. */
function refusalOf(
  check: ConversionCheck | undefined,
): TrialResult | undefined {
  if (check?.outcome !== 'different') return undefined;
  const { runtime, differing, rows } = check;
  return {
    servable: false,
    runtime,
    reason: `of the ${rows} rows that it was converted with, it answers ${differing} otherwise than its model did`,
  };
}

function toServability(result: TrialResult, now: Date): Servability {
  const triedAt = now.toISOString();
  if (!result.servable) {
    const { runtime, reason } = result;
    return { state: 'unservable', triedAt, runtime, reason };
  }
  const { runtime, loadMillis, warmUpMillis, peakMemoryBytes, rehearsal } =
    result;
  return {
    state: 'servable',
    triedAt,
    runtime,
    loadMillis,
    warmUpMillis,
    peakMemoryBytes,
    ...(rehearsal?.latencyMicros && {
      latencyMicros: rehearsal.latencyMicros,
    }),
  };
}
