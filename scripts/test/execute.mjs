// @ts-check
import { spawn } from 'node:child_process';
import { root } from '../lib/paths.mjs';

/** Well above what the longest suite takes on two cores that do other work, too: one that hangs has to fail, and leaves time for the others. */
const MOST_MILLIS = 60 * 60_000;
const MILLIS_TO_STOP = 10_000;

/**
 * Runs Node with these arguments from the repository's top folder. What takes longer than it may is stopped, and has
 * failed.
 *
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, capture?: boolean, captureErrors?: boolean, mostMillis?: number, millisToStop?: number }} [options]
 * @returns {Promise<{ code: number | null, output: string }>}
 */
export async function execute(args, options = {}) {
  const { env, capture, captureErrors, mostMillis = MOST_MILLIS } = options;
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: [
      'ignore',
      capture ? 'pipe' : 'inherit',
      captureErrors ? 'pipe' : 'inherit',
    ],
  });
  let output = '';
  child.stdout?.on('data', chunk => {
    process.stdout.write(chunk);
    output += chunk;
  });
  child.stderr?.on('data', chunk => {
    process.stderr.write(chunk);
    output += chunk;
  });
  const code = await new Promise((resolve, reject) => {
    /** @type {NodeJS.Timeout} */
    let timer;
    const end = code => {
      clearTimeout(timer);
      resolve(code);
    };
    const stop = () => {
      console.error(
        `It did not end within ${
          mostMillis / 1_000
        } s, and is stopped: ${args.join(' ')}`,
      );
      child.kill('SIGTERM');
      timer = setTimeout(() => {
        child.kill('SIGKILL');
        // Not waited for: what it started may hold its output open.
        end(1);
      }, options.millisToStop ?? MILLIS_TO_STOP);
    };
    timer = setTimeout(stop, mostMillis);
    child.once('error', error => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', end);
  });
  return { code, output };
}
