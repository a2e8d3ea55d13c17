import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SHOWN_LOG_CHARACTERS = 4_000;
/** It ends when the process that started it has gone, however that went: its standard input is closed then. */
const END_WITH_STDIN = '"$@" & child=$!; cat > /dev/null; kill -9 $child';

/** A program that others install in a cluster, as a process of this machine, with its log in a file. */
export class ManagerProcess {
  readonly #logFile: string;
  readonly #child: ChildProcess;

  constructor(options: {
    program: string;
    flags: string[];
    variables: Record<string, string>;
    directory: string;
  }) {
    const { program, flags, directory } = options;
    this.#logFile = join(directory, 'log');
    const log = openSync(this.#logFile, 'a');
    this.#child = spawn('sh', ['-c', END_WITH_STDIN, 'sh', program, ...flags], {
      cwd: directory,
      env: { PATH: process.env.PATH, HOME: directory, ...options.variables },
      stdio: ['pipe', log, log],
    });
    closeSync(log);
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
