import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Entrance } from '../createServer';
import type { Logger } from '../logger';
import type { Taker } from './chooseTaker';
import { decideRestart } from './decideRestart';
import type { Door } from './Door';
import type { FromProcess, ToProcess } from './messages';

/** A process tells every 2 seconds that it is not stuck; so many looks without a word, and it is. */
const MOST_SILENT_LOOKS = 6;
/** A process that can open no more files tells that it lives, and takes no connection. */
const MOST_UNTAKEN_LOOKS = 6;
/** Longest time that the metrics page waits for a process. */
const PAGE_MILLIS = 2_000;

/** How the place of one serving process is. */
export type SlotState =
  /** Until the first process serves. */
  | { state: 'waiting' }
  | { state: 'starting' }
  | { state: 'serving'; sinceMillis: number; isReady: boolean }
  | { state: 'stopping' }
  /** It has ended, and is replaced after a pause. */
  | { state: 'resting' }
  | { state: 'ended'; code: number | null };

interface Running {
  child: ChildProcess;
  startedMillis: number;
  silentLooks: number;
  /** Since it was given the connection that it has not taken. */
  untakenLooks: number;
  /** Whether it answers on connections. */
  isOpen: boolean;
  connections: Record<Entrance, number>;
  /** What it was given last, until it says that it has it. */
  given: { id: number; door: Door; socket: Socket } | undefined;
  lastGivenMillis: number;
  /** Pages that are waited for. */
  pages: Map<number, (page: string | undefined) => void>;
}

export interface ServingSlotOptions {
  slot: number;
  /** Absolute path of the data plane's program, and what it is given. */
  program: string;
  operands: string[];
  environment: NodeJS.ProcessEnv;
  logger: Logger;
  /** Between two looks at whether it is stuck. */
  lookMillis: number;
  /** Longest time for a stop, after which the process is killed. */
  stopMillis: number;
  onChanged(): void;
  /** It may take a connection again. */
  onFree(): void;
  /** It wants no more connections: {@link ServingSlot.confirmLeft} when it gets none. */
  onLeaving(): void;
}

/**
 * The place of one serving process, which is replaced when it ends or hangs.
 *
 * States: waiting → starting → serving → resting → starting ...; when it is told to stop: → stopping → ended.
 */
export class ServingSlot {
  readonly #options: ServingSlotOptions;
  #state: SlotState = { state: 'waiting' };
  #running: Running | undefined;
  #ends = 0;
  #lastId = 0;
  readonly #whenTaken: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ServingSlotOptions) {
    this.#options = options;
  }

  get slot(): number {
    return this.#options.slot;
  }

  get state(): SlotState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  get isReady(): boolean {
    return this.#state.state === 'serving' && this.#state.isReady;
  }

  /** Whether it has begun to hear what it is told, and has not ended. */
  get canSpeak(): boolean {
    return this.isOpen || ['serving', 'stopping'].includes(this.#state.state);
  }

  /** Whether it may be given connections, now or in a moment. */
  get isOpen(): boolean {
    return this.#running?.isOpen ?? false;
  }

  /** How it stands among those that could be given a connection; undefined when it could not. */
  asTaker(entrance: Entrance): Taker | undefined {
    const running = this.#running;
    if (!running?.isOpen) return undefined;
    return {
      isReady: this.isReady,
      isFree: running.given === undefined,
      connections: running.connections[entrance],
      lastGivenMillis: running.lastGivenMillis,
    };
  }

  start(): void {
    if (this.#state.state !== 'waiting') return;
    this.#start();
  }

  /** Begins to stop the process, in order. */
  stop(): void {
    const running = this.#running;
    clearTimeout(this.#timer);
    if (!running) {
      this.#enter({ state: 'ended', code: 0 });
      return;
    }
    this.#enter({ state: 'stopping' });
    this.#tell({ type: 'stop' });
    this.#timer = setTimeout(() => {
      this.#log('a serving process did not stop in time and is ended');
      running.child.kill('SIGKILL');
    }, this.#options.stopMillis);
  }

  kill(): void {
    this.#running?.child.kill('SIGKILL');
  }

  /** Gives it a connection. */
  give(door: Door, socket: Socket): void {
    const running = this.#running!;
    this.#lastId += 1;
    const id = this.#lastId;
    running.given = { id, door, socket };
    running.untakenLooks = 0;
    running.lastGivenMillis = performance.now();
    running.connections[door.entrance] += 1;
    const message: ToProcess = {
      type: 'connection',
      entrance: door.entrance,
      id,
    };
    // Kept here, so that it is not lost with a process that ends before it has it.
    running.child.send(message, socket, { keepOpen: true }, error => {
      if (error) this.#takeBack(running);
    });
  }

  /** Resolves when nothing is on its way to it. */
  async untilTaken(): Promise<void> {
    if (!this.#running?.given) return;
    await new Promise<void>(resolve => this.#whenTaken.push(resolve));
  }

  /** Tells a process that leaves that it will get no more connections. */
  confirmLeft(): void {
    if (!this.#running) return;
    this.#running.isOpen = false;
    this.#tell({ type: 'left' });
  }

  /** Its metrics page; undefined when it runs and does not answer. */
  async askPage(): Promise<string | undefined> {
    const running = this.#running;
    if (!running) return undefined;
    this.#lastId += 1;
    const id = this.#lastId;
    return await new Promise<string | undefined>(resolve => {
      const timer = setTimeout(
        () => running.pages.get(id)?.(undefined),
        PAGE_MILLIS,
      );
      const answer = (page: string | undefined) => {
        clearTimeout(timer);
        running.pages.delete(id);
        resolve(page);
      };
      running.pages.set(id, answer);
      this.#tell({ type: 'metrics', id });
    });
  }

  #start(): void {
    const { program, operands, environment } = this.#options;
    const child = fork(program, operands, {
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const running: Running = {
      child,
      startedMillis: performance.now(),
      silentLooks: 0,
      untakenLooks: 0,
      isOpen: false,
      connections: { http: 0, grpc: 0 },
      given: undefined,
      lastGivenMillis: -Infinity,
      pages: new Map(),
    };
    this.#running = running;
    this.#enter({ state: 'starting' });
    // It is looked in steps: while the supervisor itself is held up, so is what a process tells.
    const looks = setInterval(() => {
      running.silentLooks += 1;
      if (running.given) running.untakenLooks += 1;
      const { pid } = child;
      if (running.silentLooks === MOST_SILENT_LOOKS) {
        this.#log('a serving process hangs and is ended', { pid });
        child.kill('SIGKILL');
      } else if (running.untakenLooks === MOST_UNTAKEN_LOOKS) {
        this.#log(
          'a serving process takes no connections and is ended: it may have as many files open as the system allows it (ulimit -n)',
          { pid },
        );
        child.kill('SIGKILL');
      }
    }, this.#options.lookMillis);
    child.on('message', message => this.#hear(running, message as FromProcess));
    child.on('error', error => {
      this.#log('a serving process could not be started', {
        error: error.message,
      });
      // One that was never there does not exit, either.
      if (child.pid === undefined) this.#onEnd(running, looks, null, null);
    });
    child.once('exit', (code, signal) =>
      this.#onEnd(running, looks, code, signal),
    );
    // What it has said comes before this, and may come after its end.
    child.once('disconnect', () => this.#takeBack(running));
  }

  #hear(running: Running, message: FromProcess): void {
    if (message.type === 'taken') {
      if (running.given?.id !== message.id) return;
      running.given.socket.destroy();
      this.#isFree(running);
    }
    if (running !== this.#running) return;
    running.silentLooks = 0;
    switch (message.type) {
      case 'open':
        running.isOpen = true;
        this.#options.onFree();
        break;
      case 'taken':
        this.#options.onFree();
        break;
      case 'serving':
        if (this.#state.state !== 'starting') break;
        this.#enter({
          state: 'serving',
          sinceMillis: performance.now(),
          isReady: message.isReady,
        });
        this.#options.logger.info('a serving process serves', {
          process: this.slot,
          pid: running.child.pid,
          afterMillis: Math.round(performance.now() - running.startedMillis),
        });
        this.#options.onFree();
        break;
      case 'alive':
        this.#hearReady(message.isReady);
        break;
      case 'closed':
        running.connections.http -= message.connections.http;
        running.connections.grpc -= message.connections.grpc;
        break;
      case 'metrics':
        running.pages.get(message.id)?.(message.page);
        break;
      case 'leaving':
        this.#options.onLeaving();
        break;
      default:
        // One process that says something odd takes no other down.
        this.#log('a serving process said something unknown', { message });
    }
  }

  #hearReady(isReady: boolean): void {
    const state = this.#state;
    if (state.state !== 'serving' || state.isReady === isReady) return;
    this.#enter({ ...state, isReady });
  }

  #onEnd(
    running: Running,
    looks: NodeJS.Timeout,
    code: number | null,
    signal: NodeJS.Signals | null,
  ): void {
    if (running !== this.#running) return;
    clearInterval(looks);
    clearTimeout(this.#timer);
    this.#running = undefined;
    const before = this.#state;
    const now = performance.now();
    const lived = Math.round(now - running.startedMillis);
    if (before.state === 'stopping') {
      this.#enter({ state: 'ended', code });
    } else {
      const servedMillis =
        before.state === 'serving' ? now - before.sinceMillis : 0;
      const { ends, pauseMillis } = decideRestart(this.#ends, servedMillis);
      this.#ends = ends;
      const { logger } = this.#options;
      // One that somebody has asked to end did so in order.
      const log = code === 0 ? logger.info : logger.error;
      log('a serving process has ended and is replaced', {
        process: this.slot,
        code,
        signal,
        pid: running.child.pid,
        livedMillis: lived,
        pauseMillis,
      });
      this.#timer = setTimeout(() => this.#start(), pauseMillis);
      this.#enter({ state: 'resting' });
    }
    for (const answer of running.pages.values()) answer(undefined);
    if (!running.child.connected) this.#takeBack(running);
  }

  #takeBack(running: Running): void {
    const { given } = running;
    if (!given) return;
    running.isOpen = false;
    this.#isFree(running);
    given.door.takeBack(given.socket);
  }

  #isFree(running: Running): void {
    running.given = undefined;
    this.#whenTaken.splice(0).forEach(resolve => resolve());
  }

  #tell(message: ToProcess): void {
    const { child } = this.#running!;
    // Whether it hears it is seen by its end.
    if (child.connected) child.send(message, () => {});
  }

  #enter(state: SlotState): void {
    this.#state = state;
    this.#options.onChanged();
  }

  #log(message: string, fields: Record<string, unknown> = {}): void {
    this.#options.logger.error(message, { process: this.slot, ...fields });
  }
}
