import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SHOWN_LOG_CHARACTERS = 4_000;
const LOOK_AGAIN_MILLIS = 200;
const START_LIMIT_MILLIS = 60_000;
/** It ends when the process that started it has gone, however that went: its standard input is closed then. */
const END_WITH_STDIN = '"$@" & child=$!; cat > /dev/null; kill -9 $child';

/** A program that others install in a cluster, as a process of this machine, with its log in a file. */
export class ManagerProcess {
  readonly #program: string;
  readonly #logFile: string;
  readonly #child: ChildProcess;

  constructor(options: {
    program: string;
    flags: string[];
    variables: Record<string, string>;
    directory: string;
  }) {
    const { program, flags, directory } = options;
    this.#program = program;
    this.#logFile = join(directory, 'log');
    const log = openSync(this.#logFile, 'a');
    this.#child = spawn('sh', ['-c', END_WITH_STDIN, 'sh', program, ...flags], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, ...options.variables },
      stdio: ['pipe', log, log],
    });
    closeSync(log);
  }

  /** @param port - where it says whether it is ready */
  async untilReady(port: number): Promise<void> {
    const endMillis = performance.now() + START_LIMIT_MILLIS;
    while (!(await isReady(port))) {
      if (performance.now() > endMillis) {
        throw new Error(`${this.#program} is not ready: ${await this.tail()}`);
      }
      await sleep(LOOK_AGAIN_MILLIS);
    }
  }

  /** The end of what it has said. */
  async tail(): Promise<string> {
    const log = await readFile(this.#logFile, 'utf8').catch(() => '');
    return log.slice(-SHOWN_LOG_CHARACTERS);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    await new Promise(resolve => {
      this.#child.once('exit', resolve);
      this.#child.stdin?.end();
    });
  }
}

async function isReady(port: number): Promise<boolean> {
  return await new Promise(resolve => {
    request({ port, host: '127.0.0.1', path: '/readyz' }, answer => {
      answer.resume();
      resolve(answer.statusCode === 200);
    })
      .once('error', () => resolve(false))
      .end();
  });
}
