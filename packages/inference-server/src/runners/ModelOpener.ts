import { setImmediate } from 'node:timers/promises';
import type { PlacementMode } from '@greenroom/plugin-ai-inference-common';
import type { ModelRunner } from '../domain/ModelRunner';
import type { Placement } from '../domain/Placement';
import { VersionStatistics } from '../domain/VersionStatistics';
import { MeasuredRunner } from './MeasuredRunner';
import { openOnnx, type ModelFile, type OpenedFacts } from './onnx/openOnnx';
import { OnnxRunner } from './onnx/OnnxRunner';
import { decidePlacement, NO_THREADS } from './decidePlacement';
import { heapBytes } from './nativeBytes';
import { Openings } from './ondemand/Openings';
import { makeInputs } from './probes';
import { TurnTakingRunner, type Turns } from './TurnTakingRunner';
import type { OpenedModel } from './workers/messages';
import { WatchedRunner } from './WatchedRunner';
import type { WorkerPool } from './workers/WorkerPool';

/** A model that can be run, where that is best. */
export interface ReadyModel extends Omit<OpenedFacts, 'grownBytes'> {
  runner: ModelRunner;
  placement: Placement;
  statistics: VersionStatistics;
  /** Why it cannot be run right now; undefined when it can. */
  trouble(): string | undefined;
  /** Whether it had computed something when it was opened. */
  worked: boolean;
  /** What the process took more for it; undefined where something else was opened meanwhile. */
  grownBytes: number | undefined;
}

/** Opens models, and decides where each runs: on the thread that serves, or in one of its own. */
export class ModelOpener {
  readonly #turns: Turns;
  readonly #pool: WorkerPool | undefined;
  readonly #openings = new Openings();
  /** Of the models that are opened on the serving thread. */
  #lastInline: Promise<unknown> = Promise.resolve();

  constructor(options: {
    /** Of the process, shared by all models that run on the serving thread. */
    turns: Turns;
    /** Left out, all models run on the serving thread. */
    pool: WorkerPool | undefined;
  }) {
    this.#turns = options.turns;
    this.#pool = options.pool;
  }

  /**
   * @param options.sizeBytes - of all files of the version
   * @param options.isMeasured - whether it waits until nothing else is opened, so that its memory can be told
   * @throws Error for people when it cannot be opened
   */
  async open(
    file: ModelFile,
    options: {
      sizeBytes: number;
      wish: PlacementMode | undefined;
      isMeasured?: boolean;
    },
  ): Promise<ReadyModel> {
    return this.#measure(() => this.#open(file, options), options);
  }

  async #open(
    file: ModelFile,
    options: { sizeBytes: number; wish: PlacementMode | undefined },
  ): Promise<ReadyModel> {
    const statistics = new VersionStatistics();
    if (this.#pool === undefined) {
      const { runner, ...facts } = await openOnnx(file);
      return {
        ...facts,
        statistics,
        placement: NO_THREADS,
        worked: runner.worked,
        runner: this.#onServingThread(runner, statistics),
        trouble: () => undefined,
      };
    }
    // Also what will run on the serving thread is looked at elsewhere: until then nobody knows what it costs.
    const heapBefore = heapBytes();
    const { opened, runner } = await this.#pool.open(file, options);
    const { warm, runs, openMillis, worked } = opened;
    // The heap here is no model's, and the thread has not seen it.
    const grownBytes = opened.grownBytes - (heapBytes() - heapBefore);
    const facts = { warm, runs, openMillis, worked, statistics, grownBytes };
    const placement = decidePlacement({ ...options, ...facts });
    if (placement.where === 'worker') {
      runner.onRun = run => statistics.observeRun(run.rows, run.millis);
      const trouble = () => runner.trouble;
      return { ...facts, placement, runner, trouble };
    }
    const [own] = await Promise.all([
      this.#inTurn(() => this.#openWarm(file, opened)),
      runner.release(),
    ]);
    return {
      ...facts,
      placement,
      runner: this.#onServingThread(own, statistics),
      trouble: () => undefined,
    };
  }

  /**
   * Opens a model once more that was released, where it ran: what was found out about it still holds.
   *
   * @param options.isMeasured - as when it was opened
   * @throws Error for people when it cannot be opened
   */
  async openAgain(
    file: ModelFile,
    before: ReadyModel,
    options: { sizeBytes: number; isMeasured?: boolean },
  ): Promise<ReadyModel> {
    const open = () => this.#openAgain(file, before, options);
    return this.#measure(open, options);
  }

  async #measure(
    open: () => Promise<ReadyModel>,
    { isMeasured }: { isMeasured?: boolean },
  ): Promise<ReadyModel> {
    const { opened, wasAlone } = await (isMeasured
      ? this.#openings.watchAlone(open)
      : this.#openings.watch(open));
    return {
      ...opened,
      runner: new WatchedRunner({
        inner: opened.runner,
        openings: this.#openings,
      }),
      grownBytes: wasAlone ? opened.grownBytes : undefined,
    };
  }

  async #openAgain(
    file: ModelFile,
    before: ReadyModel,
    options: { sizeBytes: number },
  ): Promise<ReadyModel> {
    const { warm, statistics, placement } = before;
    const worked = before.worked || statistics.executions > 0;
    const knownFile = { ...file, known: { warm, worked } };
    if (this.#pool && placement.where === 'worker') {
      const heapBefore = heapBytes();
      const { opened, runner } = await this.#pool.open(knownFile, options);
      const grownBytes = opened.grownBytes - (heapBytes() - heapBefore);
      runner.onRun = run => statistics.observeRun(run.rows, run.millis);
      const trouble = () => runner.trouble;
      return { ...before, grownBytes, runner, trouble };
    }
    const { runner: own, grownBytes } = await this.#inTurn(() =>
      openOnnx(knownFile),
    );
    const runner = this.#onServingThread(own, statistics);
    return { ...before, grownBytes, runner };
  }

  /** Several in one turn of the event loop would hold up callers for all of them together. */
  async #inTurn<T>(open: () => Promise<T>): Promise<T> {
    const turn = this.#lastInline.then(open);
    this.#lastInline = turn.then(
      () => setImmediate(),
      () => setImmediate(),
    );
    return turn;
  }

  /** Its first caller does not pay for it. */
  async #openWarm(
    { file, signature }: ModelFile,
    { warm, worked }: OpenedModel,
  ): Promise<OnnxRunner> {
    const runner = await OnnxRunner.load({ file, signature, worked });
    if (warm.values) {
      const inputs = makeInputs(runner.signature, {
        ...warm.values,
        rows: [0],
      });
      await runner.run({ inputs, rows: 1 });
    }
    return runner;
  }

  #onServingThread(
    runner: OnnxRunner,
    statistics: VersionStatistics,
  ): ModelRunner {
    return new TurnTakingRunner({
      inner: new MeasuredRunner({ inner: runner, statistics }),
      turns: this.#turns,
    });
  }
}
