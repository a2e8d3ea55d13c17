import { ServiceUnavailableError } from '@backstage/errors';
import { spawn } from 'node:child_process';

export const DEFAULT_TIMEOUT_MILLIS = 30_000;
/** Of one answer; what is larger is no manifest. */
export const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
export const MAX_ERROR_BYTES = 16 * 1024;

/** Git answered with an exit code that the caller did not expect. */
export class GitError extends Error {
  readonly name = 'GitError';
  readonly exitCode: number | undefined;

  constructor(args: string[], exitCode: number | undefined, detail: string) {
    super(`git ${args[0]} failed: ${detail.trim() || `exit code ${exitCode}`}`);
    this.exitCode = exitCode;
  }
}

export interface RunGitOptions {
  /** The repository's own folder, as `--git-dir`. */
  gitDirectory: string;
  /** Given to Git as they are, never through a shell. */
  args: string[];
  input?: string | Buffer;
  /** Added to the otherwise empty environment. */
  environment?: Record<string, string>;
  timeoutMillis?: number;
  /** Exit codes that are answers rather than failures; 0 is always one. */
  expectedExitCodes?: number[];
  signal?: AbortSignal;
}

export interface GitOutput {
  stdout: Buffer;
  exitCode: number;
}

/**
 * Runs one Git command on a repository.
 *
 * @remarks
 *
 * Git sees neither the caller's `GIT_*` variables nor anybody's configuration,
 * so it does the same on each machine. An explicit `--git-dir` is exempt from
 * Git's ownership check, which otherwise refuses repositories of other users.
 */
export async function runGit(options: RunGitOptions): Promise<GitOutput> {
  const { gitDirectory, args, input, expectedExitCodes = [] } = options;
  const timeoutMillis = options.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS;
  const child = spawn('git', [`--git-dir=${gitDirectory}`, ...args], {
    env: { ...gitEnvironment(gitDirectory), ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: options.signal,
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
  const stdout = collect(child.stdout, MAX_OUTPUT_BYTES, () => child.kill());
  const stderr = collect(child.stderr, MAX_ERROR_BYTES);
  // Git may end before it has read everything; its exit code tells the story.
  child.stdin.on('error', () => {});
  child.stdin.end(input);

  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, timeoutMillis);
  const exitCode = await new Promise<number | undefined>((resolve, reject) => {
    child.on('error', error => reject(explainSpawnError(error)));
    child.on('close', code => resolve(code ?? undefined));
  }).finally(() => clearTimeout(timer));
  if (exitCode === 0 || expectedExitCodes.includes(exitCode ?? -1)) {
    return { stdout: stdout.read(), exitCode: exitCode ?? 0 };
  }
  throw new GitError(args, exitCode, explainExit());

  function explainExit(): string {
    if (stdout.overflowed()) {
      return `it printed more than ${MAX_OUTPUT_BYTES} bytes`;
    }
    if (exitCode === undefined && isLate) {
      return `it took longer than ${timeoutMillis} ms`;
    }
    return stderr.read().toString('utf8');
  }
}

/** All that Git sees of the environment; `home` is a folder without anybody's configuration. */
export function gitEnvironment(home: string): Record<string, string> {
  const kept = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'];
  const environment: Record<string, string> = {
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    XDG_CONFIG_HOME: home,
    GIT_TERMINAL_PROMPT: '0',
  };
  for (const name of kept) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/** What a stream says, up to a limit. */
export function collect(
  stream: NodeJS.ReadableStream,
  limitBytes: number,
  onOverflow?: () => void,
) {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let overflowed = false;
  stream.on('data', (chunk: Buffer) => {
    if (sizeBytes + chunk.length > limitBytes) {
      overflowed = true;
      onOverflow?.();
      return;
    }
    sizeBytes += chunk.length;
    chunks.push(chunk);
  });
  return {
    read: () => Buffer.concat(chunks),
    overflowed: () => overflowed,
  };
}

/** Says what to do where there is no Git. */
export function explainSpawnError(error: Error): Error {
  if ('code' in error && error.code === 'ENOENT') {
    return new ServiceUnavailableError(
      'Git is not installed, or not in the PATH of the backend: install it (for example `apt-get install git`) and start again',
    );
  }
  return error;
}
