import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type TrialRequest,
  type TrialResult,
  type TrialRunner,
  TrialUnavailableError,
} from '../../trials/TrialRunner';

const RUNTIME = 'The inference server';
/** How often the memory of the process is looked at. */
const MEMORY_INTERVAL_MILLIS = 50;
/** Predictions of thousands of rows fit in; errors are cut long before. */
const MAX_OUTPUT_CHARACTERS = 16 * 1024 * 1024;
const MAX_ERROR_CHARACTERS = 64 * 1024;
const MEBIBYTE = 1024 ** 2;

const outputSchema = z.discriminatedUnion('servable', [
  z.object({
    servable: z.literal(true),
    runtime: z.string().default(RUNTIME),
    loadMillis: z.number(),
    warmUpMillis: z.number(),
    peakMemoryBytes: z.number(),
    rehearsal: z
      .object({
        latencyMicros: z
          .object({ runs: z.number(), p50: z.number(), p95: z.number() })
          .optional(),
        predictions: z.array(z.union([z.number(), z.string(), z.null()])),
        left: z.string().optional(),
      })
      .optional(),
  }),
  z.object({
    servable: z.literal(false),
    runtime: z.string().default(RUNTIME),
    reason: z.string(),
  }),
]);

export interface ProcessTrialRunnerOptions {
  /** Absolute path of the inference server's program. */
  program: string;
  timeoutMillis: number;
  maxMemoryBytes: number;
}

/**
 * Runs the inference server's own program with `trial`, as a process of its own: a model
 * that crashes or hangs it, or takes too much memory, harms nobody else.
 */
export class ProcessTrialRunner implements TrialRunner {
  readonly #options: ProcessTrialRunnerOptions;

  constructor(options: ProcessTrialRunnerOptions) {
    this.#options = options;
  }

  async run(request: TrialRequest, signal: AbortSignal): Promise<TrialResult> {
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
    let why: string | undefined;
    const end = (reason: string) => {
      why ??= reason;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(
      () => end(`it was not loaded after ${timeoutMillis / 1_000} seconds`),
      timeoutMillis,
    );
    const watch = setInterval(async () => {
      if ((await residentBytes(child)) > maxMemoryBytes) {
        end(`it needs more than ${maxMemoryBytes / MEBIBYTE} MiB of memory`);
      }
    }, MEMORY_INTERVAL_MILLIS);
    try {
      const exit = await outcomeOf(child);
      signal.throwIfAborted();
      return why === undefined
        ? readExit(exit)
        : { servable: false, runtime: RUNTIME, reason: why };
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
  if (killedBy) {
    return {
      servable: false,
      runtime: RUNTIME,
      reason: `its process ended with ${killedBy} while it was loaded`,
    };
  }
  const line = stdout.trim().split('\n').at(-1) ?? '';
  const output = outputSchema.safeParse(parseJson(line));
  if (code === 0 && output.success) return output.data;
  const detail = stderr.trim().split('\n').slice(-3).join(' ');
  throw new TrialUnavailableError(
    `The trial failed with exit code ${code}: ${detail || 'it said nothing'}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
