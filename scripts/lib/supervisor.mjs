import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { green, red, UserError, yellow } from './output.mjs';
import { logsDirectory, root } from './paths.mjs';
import { createRotatingLog } from './rotatingLog.mjs';
import { lastLines } from './run.mjs';

const FIRST_BACKOFF_MILLIS = 1_000;
const LONGEST_BACKOFF_MILLIS = 30_000;
/** A child that ran this long was healthy: its next crash starts the backoff anew. */
const HEALTHY_AFTER_MILLIS = 60_000;
/** A restarted child that lives this long is said to run again. */
const STEADY_AFTER_MILLIS = 5_000;
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
    const log = createRotatingLog(child.logFile);
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
    log.once('error', error => {
      console.error(
        yellow(
          `The log of ${name} cannot be written any more: ${error.message}`,
        ),
      );
      // Unread output would make the child wait for ever.
      child.process?.stdout.resume();
      child.process?.stderr.resume();
    });
    child.exited = new Promise(resolve => {
      child.process.once('error', error => resolve(error.message));
      // `close` comes when the output is complete, so that the end of the log tells why.
      child.process.once('close', (code, signal) =>
        resolve(signal ?? `code ${code}`),
      );
    }).then(reason => {
      log.end();
      // An end before this timer's time must not be called a recovery.
      clearTimeout(child.timer);
      child.process = undefined;
      if (stopping || child.stopped) return;
      child.crashes++;
      if (Date.now() - child.startedAt > HEALTHY_AFTER_MILLIS)
        child.backoffMillis = FIRST_BACKOFF_MILLIS;
      console.error(
        `\n${red(
          `${name} ended unexpectedly (${reason}).`,
        )} Starting it again in ${child.backoffMillis / 1000} s. The end of ${
          child.logFile
        }:\n${lastLines(
          withoutRequests(readFileSync(child.logFile, 'utf8')),
          8,
        )}`,
      );
      child.timer = setTimeout(() => {
        launch(child);
        child.timer = setTimeout(
          () => console.error(green(`${name} is running again.`)),
          STEADY_AFTER_MILLIS,
        );
      }, child.backoffMillis);
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
      writeFileSync(logFile, '', { flag: 'a' });
      const child = {
        options,
        logFile,
        backoffMillis: FIRST_BACKOFF_MILLIS,
        crashes: 0,
      };
      children.push(child);
      launch(child);
      return {
        logFile,
        get pid() {
          return child.process?.pid;
        },
        /** How often it ended by itself so far. */
        get crashes() {
          return child.crashes;
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
 * Waits until a child that was just started answers with success.
 *
 * @param {{ name: string, url: string, child: { logFile: string, crashes: number }, timeoutMillis?: number, onWait?: (why: string) => void }} options
 * @throws UserError with the end of the log when the child ends instead, or takes too long
 */
export async function untilHealthy({
  name,
  url,
  child,
  timeoutMillis = 120_000,
  onWait,
}) {
  const deadline = Date.now() + timeoutMillis;
  while (Date.now() < deadline && child.crashes === 0) {
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
  const log = readFileSync(child.logFile, 'utf8');
  const problem =
    child.crashes > 0
      ? 'ended while it started'
      : `did not get ready within ${timeoutMillis / 1000} s`;
  throw new UserError(
    `${name} ${problem}. ${explain(log)}The end of ${
      child.logFile
    }:\n${lastLines(withoutRequests(log), 15)}`,
  );
}

/** The control plane logs each request; they would hide why it ended. */
function withoutRequests(log) {
  return log
    .split('\n')
    .filter(line => !line.includes('"type":"incomingRequest"'))
    .join('\n');
}

function explain(log) {
  const missing = log.match(/Cannot find (?:module|package) '[^']+'/)?.[0];
  if (missing) {
    return `The installed packages are damaged (${missing}): delete the folder node_modules and start again. `;
  }
  if (/ENOSPC|No space left on device/.test(log)) {
    return 'The disk is full: make room and start again. ';
  }
  if (/EADDRINUSE/.test(log)) {
    return 'Another program took its port meanwhile: stop that program and start again. ';
  }
  return '';
}
