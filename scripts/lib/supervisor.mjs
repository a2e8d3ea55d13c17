import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { red, yellow } from './output.mjs';
import { logsDirectory, root } from './paths.mjs';
import { lastLines } from './run.mjs';

const FIRST_BACKOFF_MILLIS = 1_000;
const LONGEST_BACKOFF_MILLIS = 30_000;
/** A child that ran this long was healthy: its next crash starts the backoff anew. */
const HEALTHY_AFTER_MILLIS = 60_000;
const STOP_TIMEOUT_MILLIS = 15_000;

/**
 * Keeps child processes running: output goes to log files, a crash is reported and the child
 * started again after a growing pause, and `stop` ends all of them in reverse order.
 *
 * A child is in one of these states: running -> (crash) -> waiting -> running ..., or stopped.
 */
export function createSupervisor() {
  const children = [];
  let stopping = false;

  function launch(child) {
    const { name, command, args, env, cwd } = child.options;
    const log = createWriteStream(child.logFile, { flags: 'a' });
    child.startedAt = Date.now();
    child.process = spawn(command, args, {
      cwd: cwd ?? root,
      env,
      // The IPC channel closes when this process dies, whatever kills it: see child.cjs.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C is for this process, which then stops the children in order.
      detached: true,
    });
    child.process.stdout.pipe(log, { end: false });
    child.process.stderr.pipe(log, { end: false });
    child.exited = new Promise(resolve => {
      child.process.once('error', error => resolve(error.message));
      child.process.once('exit', (code, signal) =>
        resolve(signal ?? `code ${code}`),
      );
    }).then(reason => {
      log.end();
      child.process = undefined;
      if (stopping || child.stopped) return;
      if (Date.now() - child.startedAt > HEALTHY_AFTER_MILLIS)
        child.backoffMillis = FIRST_BACKOFF_MILLIS;
      console.error(
        `\n${red(
          `${name} ended unexpectedly (${reason}).`,
        )} Starting it again in ${child.backoffMillis / 1000} s. The end of ${
          child.logFile
        }:\n${lastLines(readFileSync(child.logFile, 'utf8'), 8)}`,
      );
      child.timer = setTimeout(() => launch(child), child.backoffMillis);
      child.backoffMillis = Math.min(
        child.backoffMillis * 2,
        LONGEST_BACKOFF_MILLIS,
      );
    });
  }

  async function stopChild(child) {
    child.stopped = true;
    clearTimeout(child.timer);
    if (!child.process) return;
    child.process.kill('SIGTERM');
    const timer = setTimeout(() => {
      console.error(
        yellow(`${child.options.name} did not stop in time and is killed.`),
      );
      child.process?.kill('SIGKILL');
    }, STOP_TIMEOUT_MILLIS);
    await child.exited;
    clearTimeout(timer);
  }

  return {
    /**
     * @param {{ name: string, command: string, args: string[], env: NodeJS.ProcessEnv, cwd?: string }} options
     *   `name` is shown to people and names the log file
     */
    start(options) {
      mkdirSync(logsDirectory, { recursive: true });
      const logFile = path.join(
        logsDirectory,
        `${options.name.replaceAll(' ', '-')}.log`,
      );
      const child = { options, logFile, backoffMillis: FIRST_BACKOFF_MILLIS };
      children.push(child);
      launch(child);
      return {
        logFile,
        get pid() {
          return child.process?.pid;
        },
        stop: () => stopChild(child),
      };
    },
    async stop() {
      stopping = true;
      for (const child of children.reverse()) await stopChild(child);
    },
  };
}

/**
 * Waits until an address answers with success.
 *
 * @throws Error with the name and the end of the log when it does not within the time
 */
export async function untilHealthy({
  name,
  url,
  logFile,
  timeoutMillis = 120_000,
  onWait,
}) {
  const deadline = Date.now() + timeoutMillis;
  while (Date.now() < deadline) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
      await response.body?.cancel();
      if (response.ok) return;
      onWait?.(`it answers ${response.status}`);
    } catch {
      onWait?.('no answer yet');
    }
    await new Promise(resolve => setTimeout(resolve, 300));
  }
  throw new Error(
    `${name} did not get ready within ${
      timeoutMillis / 1000
    } s. The end of ${logFile}:\n${lastLines(
      readFileSync(logFile, 'utf8'),
      15,
    )}`,
  );
}
