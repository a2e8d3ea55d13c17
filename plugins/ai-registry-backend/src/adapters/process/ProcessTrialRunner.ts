import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactStore } from '@greenroom/artifact-store';
import {
  endedBy,
  exceeded,
  readTrialOutput,
} from '../../trials/readTrialOutput';
import {
  type TrialRequest,
  type TrialResult,
  type TrialRunner,
  TrialUnavailableError,
} from '../../trials/TrialRunner';

/** How often the memory of the process is looked at. */
const MEMORY_INTERVAL_MILLIS = 50;
/** Predictions of thousands of rows fit in; errors are cut long before. */
const MAX_OUTPUT_CHARACTERS = 16 * 1024 * 1024;
const MAX_ERROR_CHARACTERS = 64 * 1024;
const MEBIBYTE = 1024 ** 2;
/** They are written into a file. */
const MAX_ROWS_CHARACTERS = 16 * MEBIBYTE;

export interface ProcessTrialRunnerOptions {
  /** Absolute path of the inference server's program. */
  program: string;
  artifacts: Pick<ArtifactStore, 'withLocalFolder'>;
  timeoutMillis: number;
  maxMemoryBytes: number;
}

/**
 * Runs the inference server's own program with `trial`, as a process of its own: a model
 * that crashes or hangs it, or takes too much memory, harms nobody else.
 */
export class ProcessTrialRunner implements TrialRunner {
  readonly maxRowsCharacters = MAX_ROWS_CHARACTERS;
  readonly #options: ProcessTrialRunnerOptions;

  constructor(options: ProcessTrialRunnerOptions) {
    this.#options = options;
  }

  async run(request: TrialRequest, signal: AbortSignal): Promise<TrialResult> {
    const { model, ...rest } = request;
    return this.#options.artifacts.withLocalFolder(model.files, folder =>
      this.#runOn({ ...rest, file: join(folder, model.entry) }, signal),
    );
  }

  async #runOn(request: object, signal: AbortSignal): Promise<TrialResult> {
    const folder = await mkdtemp(join(tmpdir(), 'trial-'));
    try {
      const requestFile = join(folder, 'request.json');
      await writeFile(requestFile, JSON.stringify(request));
      return await this.#runProgram(requestFile, signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #runProgram(
    requestFile: string,
    signal: AbortSignal,
  ): Promise<TrialResult> {
    const { program, timeoutMillis, maxMemoryBytes } = this.#options;
    signal.throwIfAborted();
    const child = spawn(process.execPath, [program, 'trial', requestFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Nothing of ours: it runs what somebody uploaded.
      env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
      signal,
      killSignal: 'SIGKILL',
    });
    let why: TrialResult | undefined;
    const end = (result: TrialResult) => {
      why ??= result;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(
      () => end(exceeded({ seconds: timeoutMillis / 1_000 })),
      timeoutMillis,
    );
    const watch = setInterval(async () => {
      if ((await residentBytes(child)) > maxMemoryBytes) {
        end(exceeded({ mebibytes: maxMemoryBytes / MEBIBYTE }));
      }
    }, MEMORY_INTERVAL_MILLIS);
    try {
      const exit = await outcomeOf(child);
      signal.throwIfAborted();
      return why ?? readExit(exit);
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
    }
  }
}

interface Exit {
  code: number | null;
  killedBy: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

function outcomeOf(child: ChildProcess): Promise<Exit> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', text => {
    if (stdout.length < MAX_OUTPUT_CHARACTERS) stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', text => {
    stderr = (stderr + text).slice(-MAX_ERROR_CHARACTERS);
  });
  return new Promise((resolve, reject) => {
    child.once('error', error =>
      reject(
        new TrialUnavailableError(
          `The trial could not be started: ${error.message}`,
          error,
        ),
      ),
    );
    child.once('close', (code, killedBy) =>
      resolve({ code, killedBy, stdout, stderr }),
    );
  });
}

function readExit({ code, killedBy, stdout, stderr }: Exit): TrialResult {
  return killedBy
    ? endedBy(killedBy)
    : readTrialOutput({ code, output: stdout, complaints: stderr });
}

/** 0 where the system does not tell (it does on Linux) or the process is gone. */
async function residentBytes({ pid }: ChildProcess): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
    return Number(match?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
