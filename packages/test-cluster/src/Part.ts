import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SHOWN_LOG_CHARACTERS = 2_000;

/** Name of a part of the program, as it is called by it. */
export type PartName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler';

/** A process of the control plane, with its log in a file. It ends with the one that started it. */
export class Part {
  readonly name: PartName;
  readonly #logFile: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #hasEnded = false;

  constructor(options: {
    name: PartName;
    program: string;
    flags: Record<string, string>;
    directory: string;
  }) {
    this.name = options.name;
    this.#logFile = join(options.directory, `${options.name}.log`);
    const log = openSync(this.#logFile, 'a');
    const flags = Object.entries(options.flags).map(
      ([flag, value]) => `--${flag}=${value}`,
    );
    this.#child = spawn(options.program, [options.name, ...flags], {
      cwd: options.directory,
      env: {
        PATH: process.env.PATH,
        HOME: options.directory,
        GREENROOM_TEST_END_WITH_STDIN: 'true',
      },
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    this.#ended = new Promise(resolve => {
      const end = () => {
        this.#hasEnded = true;
        resolve();
      };
      this.#child.once('exit', end);
      this.#child.once('error', end);
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The end of what it has said. */
  async tail(): Promise<string> {
    const log = await readFile(this.#logFile, 'utf8').catch(() => '');
    return log.slice(-SHOWN_LOG_CHARACTERS);
  }

  /** Nothing of it answers, and nothing it holds is let go. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Nobody needs what it has: it is not asked to end in order. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
