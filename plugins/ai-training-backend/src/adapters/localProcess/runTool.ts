import { spawn } from 'node:child_process';

const KEPT_LINES = 20;
const MOST_LINE_CHARACTERS = 300;

/** How a tool ended: `lines` are the last ones that it wrote, without addresses' passwords. */
export interface ToolResult {
  /** Undefined where a signal ended it. */
  exitCode?: number;
  lines: string[];
}

/**
 * Runs a tool to its end, with all that it begins.
 *
 * @param options.onLine - called with each line that it writes
 * @throws the signal's reason when it is aborted, and an Error when it takes too long or cannot be started
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: {
    environment: Record<string, string>;
    timeoutMillis: number;
    signal?: AbortSignal;
    onLine?(line: string): void;
  },
): Promise<ToolResult> {
  const { environment, timeoutMillis, signal, onLine } = options;
  signal?.throwIfAborted();
  const child = spawn(command, args, {
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let rest = '';
  const add = (raw: string) => {
    const line = hidePasswords(raw).trim().slice(0, MOST_LINE_CHARACTERS);
    if (line === '') return;
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    onLine?.(line);
  };
  const take = (text: string) => {
    const parts = (rest + text).split(/[\r\n]+/);
    // A line that never ends is not kept for ever.
    rest = (parts.pop() ?? '').slice(-MOST_LINE_CHARACTERS * 10);
    parts.forEach(add);
  };
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  const limit = AbortSignal.any([
    AbortSignal.timeout(timeoutMillis),
    ...(signal ? [signal] : []),
  ]);
  const kill = () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  limit.addEventListener('abort', kill);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    add(rest);
    signal?.throwIfAborted();
    if (limit.aborted) {
      throw new Error(
        `${command} took longer than ${timeoutMillis / 1_000} seconds`,
      );
    }
    return { exitCode: exitCode ?? undefined, lines };
  } finally {
    limit.removeEventListener('abort', kill);
  }
}

/** Addresses of private package indexes have them. */
function hidePasswords(line: string): string {
  return line.replace(/(\w+:\/\/)[^/\s@]+@/g, '$1');
}
