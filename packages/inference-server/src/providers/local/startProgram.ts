import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { findInstalledModel } from '../../localModel/manifest';
import type { ProgramMessage, StartMessage } from '../../localModel/messages';
import type { Logger } from '../../logger';
import type { Program, StartProgram } from './Program';
import { readLines } from './readLines';

const KEY_BYTES = 32;
const MILLIS_PER_SECOND = 1_000;
/** Longest time that it has to end by itself. */
const END_MILLIS = 2_000;
const MAX_LINE_CHARACTERS = 500;
/** All that the program needs of the environment: above all no secrets of connections. */
const ENVIRONMENT = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SYSTEMROOT', 'LANG'];

class ChildProgram implements Program {
  readonly key: string;
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #logger: Logger;
  #port = 0;
  /** What it said of itself before it ended. */
  #reason: string | undefined;
  #idle = () => {};

  constructor(options: { child: ChildProcess; key: string; logger: Logger }) {
    this.key = options.key;
    this.#child = options.child;
    this.#logger = options.logger;
    this.ended = new Promise(resolve => {
      this.#child.once('error', error => resolve(error.message));
      this.#child.once('exit', (code, signal) =>
        resolve(
          this.#reason ??
            (signal ? `killed by ${signal}` : `its status is ${code}`),
        ),
      );
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  onIdle(listener: () => void): void {
    this.#idle = listener;
  }

  async serve(start: StartMessage, signal: AbortSignal): Promise<Program> {
    const child = this.#child;
    this.#forward();
    this.#yieldToOthers();
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    const serving = new Promise<void>(resolve => {
      child.on('message', (message: ProgramMessage) => {
        if (message.type === 'idle') this.#idle();
        else if (message.type === 'failed') this.#reason = message.reason;
        else {
          this.#port = message.port;
          resolve();
        }
      });
    });
    // It may have ended already.
    child.send(start, () => {});
    const ended = await Promise.race([serving, this.ended]);
    signal.removeEventListener('abort', kill);
    if (ended !== undefined) {
      throw new Error(`the local model does not start: ${ended}`);
    }
    this.#logger.info('a local model runs', {
      model: start.model,
      pid: child.pid,
    });
    return this;
  }

  async stop(): Promise<void> {
    // It ends when the channel is closed, as when this process is killed.
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MILLIS);
    await this.ended;
    clearTimeout(timer);
  }

  /** What it prints is for operators. */
  #forward(): void {
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      readLines(stream, MAX_LINE_CHARACTERS, line =>
        this.#logger.warn('a local model says', { line }),
      );
    }
  }

  /** What it computes for seconds must not keep the data plane's own models waiting. */
  #yieldToOthers(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      setPriority(pid, constants.priority.PRIORITY_LOW);
    } catch (error) {
      // It has ended already, or the machine does not allow it.
      this.#logger.debug('a local model keeps its priority', {
        error: String(error),
      });
    }
  }
}

/** Starts the program that runs one local model, as a child that ends with this process. */
export const startProgram: StartProgram = async options => {
  const { settings, localModels, logger, signal } = options;
  const { directory, program } = localModels;
  const model = await findInstalledModel(directory, settings.model);
  if (program === undefined) {
    throw new Error('this data plane was started without its program');
  }
  signal.throwIfAborted();
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: Object.fromEntries(ENVIRONMENT.map(name => [name, process.env[name]])),
  });
  const key = randomBytes(KEY_BYTES).toString('base64url');
  const start: StartMessage = {
    type: 'start',
    model: model.name,
    runtimeFile: model.runtimeFile,
    weightsFile: model.weightsFile,
    key,
    contextTokens: settings.contextTokens,
    maxWaiting: settings.maxWaiting,
    idleMillis: settings.idleSeconds * MILLIS_PER_SECOND,
  };
  return new ChildProgram({ child, key, logger }).serve(start, signal);
};
