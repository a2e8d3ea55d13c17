import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { DeployedState } from '../../deployers/Deployer';
import { OutputTail, parseLogLine } from './outputTail';
import { readLines } from './readLines';
import { restartPauseMillis } from './restartPause';

/** Longest time from the start of the process until it serves. */
const START_LIMIT_MILLIS = 60_000;
/** More than a data plane takes in order: to send callers elsewhere, answer, and hand records over. */
const STOP_LIMIT_MILLIS = 40_000;
/** One that runs tells every 2 seconds that it is not stuck; so many looks without a word, and it is. */
const LOOK_MILLIS = 5_000;
const MOST_SILENT_LOOKS = 6;
/** Of a line of its log; the rest of a longer one is not told. */
const MAX_LINE_CHARACTERS = 16 * 1024;
/** After so long up, an end is a new problem and not one more try. */
const WELL_AFTER_MILLIS = 60_000;

/** A process that was prepared and not started yet. */
export interface PreparedChild {
  environment: Record<string, string>;
  /** Text that must not get into a log or a message. */
  secret: string;
  /** Called once, when the process has ended. */
  onEnded(): void;
}

export interface LocalDataPlaneOptions {
  environment: string;
  /** Absolute path of the data plane's program. */
  program: string;
  /** Makes the settings of the next process, with a token of its own. */
  prepare(): Promise<PreparedChild>;
  logger: LoggerService;
  clock: () => Date;
  /** Between two looks at whether it is stuck. */
  lookMillis?: number;
  /** Called when the state has changed by itself. */
  onChanged(): void;
}

type ProcessState =
  | Extract<DeployedState, { state: 'stopped' | 'failing' }>
  | (Extract<DeployedState, { state: 'starting' | 'running' | 'stopping' }> & {
      child?: ChildProcess;
    });

/**
 * The data plane of one environment as a child process.
 *
 * States: stopped → starting → running → stopping → stopped. When it ends by itself it is failing,
 * and started again after a pause that grows; it is never started while its last process is there.
 */
export class LocalDataPlane {
  readonly #options: LocalDataPlaneOptions;
  #state: ProcessState = { state: 'stopped' };
  #attempts = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(options: LocalDataPlaneOptions) {
    this.#options = options;
  }

  get state(): DeployedState {
    const { child: _child, ...state } = { child: undefined, ...this.#state };
    return state;
  }

  /** Whether there is a process, or will be one in a moment. */
  get isAlive(): boolean {
    return !['stopped', 'failing'].includes(this.#state.state);
  }

  want(): void {
    const state = this.#state;
    const now = this.#options.clock();
    const isDue =
      state.state === 'stopped' ||
      (state.state === 'failing' && now.toISOString() >= state.nextTryAt);
    if (!isDue) return;
    this.#attempts += 1;
    this.#state = { state: 'starting', since: now.toISOString() };
    this.#start();
  }

  /** Begins to stop it, in order. */
  unwant(): void {
    const state = this.#state;
    if (state.state === 'failing') {
      this.#attempts = 0;
      this.#state = { state: 'stopped' };
      return;
    }
    if (state.state !== 'starting' && state.state !== 'running') return;
    const { child } = state;
    this.#attempts = 0;
    const since = this.#options.clock().toISOString();
    this.#state = { state: 'stopping', since, child };
    // One that is still being prepared sees the state, and is not started.
    if (child) this.#askToEnd(child);
  }

  /** Resolves when there is no process any more. */
  async ended(): Promise<void> {
    if (!this.isAlive) return;
    await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  async #start(): Promise<void> {
    let prepared: PreparedChild;
    try {
      prepared = await this.#options.prepare();
    } catch (error) {
      this.#end(`it could not be started: ${toError(error).message}`);
      return;
    }
    if (this.#state.state !== 'starting') {
      prepared.onEnded();
      this.#end('');
      return;
    }
    try {
      const child = this.#spawn(prepared);
      this.#state = { ...this.#state, child };
      this.#watch(child, prepared);
    } catch (error) {
      // Where the machine has no memory or no file handles left, there is not even a child.
      prepared.onEnded();
      this.#end(`it could not be started: ${toError(error).message}`);
    }
  }

  #spawn({ environment }: PreparedChild): ChildProcess {
    const child = spawn(process.execPath, [this.#options.program], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C in a terminal is for the control plane, which stops it in order.
      detached: true,
    });
    if (child.stdout && child.stderr) return child;
    // Without handles for its output it was not started, and says so in a moment.
    child.on('error', () => {});
    throw new Error('this process has no file handles left');
  }

  #watch(child: ChildProcess, prepared: PreparedChild): void {
    const tail = new OutputTail();
    const { lookMillis = LOOK_MILLIS } = this.#options;
    let trouble: string | undefined;
    [child.stdout, child.stderr].forEach(output =>
      this.#follow(output as Readable, tail, prepared.secret),
    );
    this.#setTimer(START_LIMIT_MILLIS, () => {
      trouble = `it did not serve within ${START_LIMIT_MILLIS / 1_000} seconds`;
      child.kill('SIGKILL');
    });
    const watch = this.#watchForSilence(lookMillis, () => {
      trouble = `it ran and did nothing for ${
        (MOST_SILENT_LOOKS * lookMillis) / 1_000
      } seconds, and was ended`;
      child.kill('SIGKILL');
    });
    child.on('message', message => {
      const { type, url } = Object(message);
      if (type === 'alive') watch.heard();
      if (type !== 'serving' || this.#state.state !== 'starting') return;
      clearTimeout(this.#timer);
      const since = this.#options.clock().toISOString();
      this.#state = { state: 'running', since, publicUrl: String(url), child };
      this.#options.onChanged();
    });
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      watch.end();
      prepared.onEnded();
      const how = signal
        ? `it was ended by ${signal}`
        : `it ended with exit code ${code}`;
      const said = String(tail);
      this.#end(`${trouble ?? how}${said === '' ? '' : `: ${said}`}`);
    };
    child.on('error', error => {
      trouble ??= `it could not be started: ${error.message}`;
      // A process that was never there does not close, either.
      if (child.pid === undefined) finish(null, null);
    });
    child.once('close', finish);
  }

  /**
   * From the first word on. It is looked in steps: while this process itself is held up, so is what
   * the other one tells.
   */
  #watchForSilence(
    lookMillis: number,
    onSilent: () => void,
  ): { heard(): void; end(): void } {
    let silentLooks: number | undefined;
    const timer = setInterval(() => {
      if (silentLooks === undefined || this.#state.state !== 'running') return;
      silentLooks += 1;
      if (silentLooks === MOST_SILENT_LOOKS) onSilent();
    }, lookMillis);
    timer.unref();
    return {
      heard: () => {
        silentLooks = 0;
      },
      end: () => clearInterval(timer),
    };
  }

  #follow(output: Readable, tail: OutputTail, secret: string): void {
    const { environment, logger } = this.#options;
    readLines(output, MAX_LINE_CHARACTERS, (text, isCut) => {
      const shown = text.split(secret).join('[token]');
      const line = parseLogLine(
        // What the end of a longer line is a part of may be the token.
        isCut ? `${shown.slice(0, -secret.length)} ...` : shown,
      );
      tail.add(line);
      logger[line.level](
        `Data plane of ${environment}: ${line.message}`,
        JSON.parse(JSON.stringify(line.fields)),
      );
    });
  }

  #askToEnd(child: ChildProcess): void {
    child.kill('SIGTERM');
    this.#setTimer(STOP_LIMIT_MILLIS, () => child.kill('SIGKILL'));
  }

  /** There is no process any more. */
  #end(reason: string): void {
    clearTimeout(this.#timer);
    const before = this.#state;
    const now = this.#options.clock();
    if (before.state === 'stopping') {
      this.#state = { state: 'stopped' };
    } else {
      const ranMillis =
        before.state === 'running'
          ? now.getTime() - Date.parse(before.since)
          : 0;
      if (ranMillis >= WELL_AFTER_MILLIS) this.#attempts = 1;
      this.#state = {
        state: 'failing',
        since: now.toISOString(),
        reason,
        attempts: this.#attempts,
        nextTryAt: new Date(
          now.getTime() + restartPauseMillis(this.#attempts),
        ).toISOString(),
      };
      this.#options.logger.warn(
        `The data plane of ${
          this.#options.environment
        } does not run: ${reason}`,
      );
    }
    this.#waiting.splice(0).forEach(resolve => resolve());
    this.#options.onChanged();
  }

  #setTimer(millis: number, run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, millis);
    this.#timer.unref();
  }
}
