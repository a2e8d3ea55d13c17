import type { Logger } from '../../logger';
import type { ModelFile } from '../onnx/openOnnx';
import { chooseThread } from './chooseThread';
import type { OpenedModel } from './messages';
import { WorkerRunner, type Place } from './WorkerRunner';
import { WorkerThread, type ThreadWork } from './WorkerThread';

/** How often it is looked how the threads are. */
const LOOK_MILLIS = 1_000;
/** After so long without a model a thread ends. */
const IDLE_MILLIS = 60_000;
/** A model that takes longer to open may never be: no file takes so long. */
const OPEN_HUNG_MILLIS = 600_000;
const MILLIS_PER_SECOND = 1_000;

/** How a thread is, for operators. */
export interface ThreadReport {
  id: number;
  models: number;
  waiting: number;
  busyMillis: number;
  isHung: boolean;
}

interface Kept {
  thread: WorkerThread;
  /** Models that are open there, or being opened. */
  models: Set<number>;
  /** Whether its model has ended a thread before: no other one joins it. */
  isAlone: boolean;
  /** Its last model was freed, by the monotonic clock. */
  idleSinceMillis: number;
  /** What it does for too long. */
  hung: ThreadWork | undefined;
}

/** The threads that models run in, started when they are needed. */
export class WorkerPool {
  readonly #program: string;
  readonly #maxThreads: number;
  readonly #hungMillis: number;
  readonly #logger: Logger;
  readonly #now: () => number;
  #onChange = () => {};
  readonly #threads = new Map<WorkerThread, Kept>();
  readonly #runners = new Set<WorkerRunner>();
  readonly #timer: NodeJS.Timeout;
  #threadsStarted = 0;
  #modelsOpened = 0;
  #threadsLost = 0;

  constructor(options: {
    /** Absolute path of the program of a thread. */
    program: string;
    /** Threads that models share. A large model may have one of its own besides. */
    maxThreads: number;
    /** A run that takes longer may never end. */
    hungMillis: number;
    logger: Logger;
    /** A monotonic clock, in milliseconds. */
    now?: () => number;
  }) {
    this.#program = options.program;
    this.#maxThreads = options.maxThreads;
    this.#hungMillis = options.hungMillis;
    this.#logger = options.logger;
    this.#now = options.now ?? (() => performance.now());
    this.#timer = setInterval(() => this.look(), LOOK_MILLIS).unref();
  }

  /** Called when it has changed whether some model can be run. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** Whether no request is computed, or waits to be. */
  get isFree(): boolean {
    for (const { thread } of this.#threads.values()) {
      if (thread.work?.kind === 'run' || thread.waiting > 0) return false;
    }
    return true;
  }

  /** Whether some thread does something that cannot be stopped. */
  get isBusy(): boolean {
    return [...this.#threads.keys()].some(({ work }) => work !== undefined);
  }

  /** Threads that ended by themselves. */
  get threadsLost(): number {
    return this.#threadsLost;
  }

  report(): ThreadReport[] {
    return [...this.#threads.values()].map(({ thread, models, hung }) => ({
      id: thread.id,
      models: models.size,
      waiting: thread.waiting,
      busyMillis: thread.busyMillis,
      isHung: hung !== undefined,
    }));
  }

  /**
   * Opens a model in the thread that has least to do.
   *
   * @param sizeBytes - of its files
   * @throws Error for people when it cannot be opened
   */
  async open(
    file: ModelFile,
    { sizeBytes }: { sizeBytes: number },
  ): Promise<{ opened: OpenedModel; runner: WorkerRunner }> {
    const { opened, place } = await this.#place(file, {
      sizeBytes,
      alone: false,
    });
    const runner = new WorkerRunner({
      opened,
      place,
      openAnew: async ({ alone }) =>
        (await this.#place(file, { sizeBytes, alone })).place,
      onRelease: () => this.#runners.delete(runner),
      onFree: freed => this.#forget(freed),
      onChange: () => this.#onChange(),
    });
    this.#runners.add(runner);
    return { opened, runner };
  }

  /** Ends the threads when they have done what they do; at the signal those that have not are left. */
  async close(signal: AbortSignal): Promise<void> {
    clearInterval(this.#timer);
    const ended = [...this.#threads.keys()].map(thread => thread.end());
    await Promise.race([
      Promise.all(ended),
      new Promise<void>(resolve => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    ]);
  }

  /** Looks for threads that hang, that go on after all, and that nobody needs. */
  look(): void {
    const now = this.#now();
    for (const kept of this.#threads.values()) {
      const { thread } = kept;
      const { work } = thread;
      if (kept.hung && !isSame(kept.hung, work)) this.#goOn(kept);
      const longest =
        work?.kind === 'open' ? OPEN_HUNG_MILLIS : this.#hungMillis;
      if (!kept.hung && work && now - work.sinceMillis > longest) {
        this.#hang(kept, work, longest);
      }
      const isIdle = kept.models.size === 0 && work === undefined;
      if (isIdle && now - kept.idleSinceMillis > IDLE_MILLIS) {
        this.#threads.delete(thread);
        void thread.end();
      }
    }
  }

  async #place(
    file: ModelFile,
    options: { sizeBytes: number; alone: boolean },
  ): Promise<{ opened: OpenedModel; place: Place }> {
    const kept = options.alone
      ? this.#start({ isAlone: true })
      : this.#choose(options);
    const { thread } = kept;
    this.#modelsOpened++;
    const place = { thread, model: this.#modelsOpened };
    kept.models.add(place.model);
    try {
      return { opened: await thread.open(place.model, file), place };
    } catch (error) {
      this.#forget(place);
      throw error;
    }
  }

  #forget({ thread, model }: Place): void {
    const kept = this.#threads.get(thread);
    kept?.models.delete(model);
    if (kept) kept.idleSinceMillis = this.#now();
  }

  #choose({ sizeBytes }: { sizeBytes: number }): Kept {
    const usable = [...this.#threads.values()].filter(
      ({ hung, isAlone }) => !hung && !isAlone,
    );
    const chosen = chooseThread(
      usable.map(({ thread, models }) => ({
        models: models.size,
        busyShare: thread.busyShare,
      })),
      { maxThreads: this.#maxThreads, sizeBytes },
    );
    return chosen === 'new' ? this.#start({ isAlone: false }) : usable[chosen];
  }

  #start({ isAlone }: { isAlone: boolean }): Kept {
    this.#threadsStarted++;
    const thread = new WorkerThread({
      id: this.#threadsStarted,
      program: this.#program,
      onEnd: (reason, running) => this.#lose(thread, reason, running),
    });
    const kept: Kept = {
      thread,
      models: new Set(),
      isAlone,
      idleSinceMillis: this.#now(),
      hung: undefined,
    };
    this.#threads.set(thread, kept);
    return kept;
  }

  #runnersAt(thread: WorkerThread): WorkerRunner[] {
    return [...this.#runners].filter(({ place }) => place?.thread === thread);
  }

  #lose(
    thread: WorkerThread,
    reason: string,
    running: number | undefined,
  ): void {
    this.#threads.delete(thread);
    this.#threadsLost++;
    const runners = this.#runnersAt(thread);
    this.#logger.error('a thread that models run in has ended', {
      thread: thread.id,
      reason,
      models: runners.length,
    });
    for (const runner of runners) {
      // What has ended one thread may end the next.
      const alone = runner.place?.model === running;
      void runner.lose(`the thread that it ran in ended (${reason})`, {
        alone,
      });
    }
  }

  #hang(kept: Kept, work: ThreadWork, longestMillis: number): void {
    const { thread } = kept;
    kept.hung = work;
    const seconds = Math.round(longestMillis / MILLIS_PER_SECOND);
    const runners = this.#runnersAt(thread);
    this.#logger.error('a thread that models run in hangs', {
      thread: thread.id,
      work: work.kind,
      seconds,
      models: runners.length,
    });
    thread.refuseWaiting();
    if (work.kind === 'open') {
      thread.giveUp(new Error(`it was not open after ${seconds} s`));
    }
    for (const runner of runners) {
      if (runner.place?.model === work.model) {
        runner.hang(
          `it has computed one request for more than ${seconds} s, and cannot be stopped`,
        );
      } else {
        void runner.lose('another model hangs in the thread that it ran in', {
          alone: false,
        });
      }
    }
  }

  #goOn(kept: Kept): void {
    kept.hung = undefined;
    this.#logger.info('a thread goes on after all', { thread: kept.thread.id });
    for (const runner of this.#runnersAt(kept.thread)) runner.recover();
  }
}

function isSame(hung: ThreadWork, work: ThreadWork | undefined): boolean {
  return work !== undefined && work.sinceMillis === hung.sinceMillis;
}
