// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { green, red, UserError, yellow } from './output.mjs';
import { dataDirectory, logsDirectory, root } from './paths.mjs';
import { createRotatingLog } from './rotatingLog.mjs';
import { lastLines } from './run.mjs';

/** What the control plane says when its settings do not let it start (packages/backend/src/index.ts). */
const LAST_WORDS = /\nThe portal cannot start\. ([^]+)$/;
const MOST_SAID_CHARACTERS = 20_000;
/** Holds the process id of each child that runs. */
const runDirectory = path.join(dataDirectory, 'run');
const FIRST_BACKOFF_MILLIS = 1_000;
const LONGEST_BACKOFF_MILLIS = 30_000;
/** A child that ran this long was healthy: its next crash starts the backoff anew. */
const HEALTHY_AFTER_MILLIS = 60_000;
/** A restarted child that lives this long is said to run again. */
const STEADY_AFTER_MILLIS = 5_000;
const STOP_TIMEOUT_MILLIS = 15_000;
const HEALTH_INTERVAL_MILLIS = 300;
const HEALTH_TIMEOUT_MILLIS = 3_000;
/** A start that takes longer is not given up, but somebody may want to look why. */
const LONG_START_MILLIS = 120_000;

/**
 * Keeps child processes running: output goes to log files, process ids to `run/<name>.pid`, a crash is reported and the child
 * started again after a growing pause, and `stop` ends all of them in reverse order, those that stop last after all others.
 *
 * A child is in one of these states: running -> (crash) -> waiting -> running ..., or stopped.
 */
export function createSupervisor() {
  const children = [];
  let stopping = false;

  function launch(child) {
    const { name, command, args, env, cwd } = child.options;
    const log = createRotatingLog(child.logFile, {
      onTrouble: error =>
        console.error(
          yellow(
            `The log of ${name} has a gap, since it cannot be written: ${error.message}`,
          ),
        ),
    });
    child.startedAt = Date.now();
    child.process = spawn(command, args, {
      cwd: cwd ?? root,
      env,
      // The IPC channel closes when this process dies, whatever kills it: see child.cjs.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C is for this process, which then stops the children in order.
      detached: true,
    });
    if (child.process.pid)
      writeFileSync(child.pidFile, `${child.process.pid}\n`);
    child.process.stdout.pipe(log, { end: false });
    child.process.stderr.pipe(log, { end: false });
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
      rmSync(child.pidFile, { force: true });
      if (stopping || child.stopped) return;
      child.crashes++;
      if (Date.now() - child.startedAt > HEALTHY_AFTER_MILLIS)
        child.backoffMillis = FIRST_BACKOFF_MILLIS;
      console.error(
        `\n${red(
          `${name} ended unexpectedly (${reason}).`,
        )} Starting it again in ${child.backoffMillis / 1000} s. The end of ${
          child.logFile
        }:\n${endOf(child.logFile, 8)}`,
      );
      child.timer = setTimeout(() => {
        launch(child);
        announceRecovery(child);
      }, child.backoffMillis);
      child.backoffMillis = Math.min(
        child.backoffMillis * 2,
        LONGEST_BACKOFF_MILLIS,
      );
    });
  }

  /** Says that a child runs again when it answers, or, where nobody can ask it, when it has lived for a while. */
  function announceRecovery(child) {
    const { name, healthUrl } = child.options;
    const { process: launched } = child;
    const look = async () => {
      const isBack =
        healthUrl === undefined || (await answersWithSuccess(healthUrl));
      // It may have ended, or have been started once more, while it was asked.
      if (child.process !== launched || child.stopped || stopping) return;
      if (isBack) console.error(green(`${name} is running again.`));
      else child.timer = setTimeout(look, HEALTH_INTERVAL_MILLIS);
    };
    child.timer = setTimeout(
      look,
      healthUrl === undefined ? STEADY_AFTER_MILLIS : HEALTH_INTERVAL_MILLIS,
    );
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
     * @param {{ name: string, command: string, args: string[], env: NodeJS.ProcessEnv, cwd?: string, healthUrl?: string, stopsLast?: boolean }} options
     *   `name` is shown to people and names the log file; `healthUrl` answers with success when it works;
     *   what `stopsLast` is told something by the others at their end
     */
    start(options) {
      mkdirSync(logsDirectory, { recursive: true });
      mkdirSync(runDirectory, { recursive: true });
      const fileName = options.name.replaceAll(' ', '-');
      const logFile = path.join(logsDirectory, `${fileName}.log`);
      writeFileSync(logFile, '', { flag: 'a' });
      const child = {
        options,
        logFile,
        pidFile: path.join(runDirectory, `${fileName}.pid`),
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
      const order = children.reverse();
      const isLast = child => child.options.stopsLast === true;
      for (const child of order.filter(child => !isLast(child))) {
        await stopChild(child);
      }
      for (const child of order.filter(isLast)) await stopChild(child);
    },
  };
}

/**
 * Waits until a child that was just started answers with success, however long that takes while
 * the child lives.
 *
 * @param {{ name: string, url: string, child: { logFile: string, crashes: number }, onWait?: (why: string) => void, longStartMillis?: number }} options
 * @throws UserError with the end of the log when the child ends instead
 */
export async function untilHealthy({
  name,
  url,
  child,
  onWait,
  longStartMillis = LONG_START_MILLIS,
}) {
  const startedAt = Date.now();
  let hasComplained = false;
  while (child.crashes === 0) {
    if (await answersWithSuccess(url, onWait)) return;
    if (!hasComplained && Date.now() - startedAt > longStartMillis) {
      hasComplained = true;
      console.error(
        yellow(
          `\n${name} is not ready after ${
            longStartMillis / 1000
          } s and is waited for. The end of ${child.logFile}:\n${endOf(
            child.logFile,
            8,
          )}`,
        ),
      );
    }
    await new Promise(resolve => setTimeout(resolve, HEALTH_INTERVAL_MILLIS));
  }
  const log = readFileSync(child.logFile, 'utf8');
  const said = log.slice(-MOST_SAID_CHARACTERS).match(LAST_WORDS)?.[1];
  if (said) {
    throw new UserError(
      `${name} cannot start: ${said.trim()}\nMore is in ${child.logFile}.`,
    );
  }
  throw new UserError(
    `${name} ended while it started. ${explain(log)}The end of ${
      child.logFile
    }:\n${endOf(child.logFile, 15)}`,
  );
}

/** @param {(why: string) => void} [onWait] - told why it does not, in a few words */
async function answersWithSuccess(url, onWait) {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MILLIS),
    });
    await response.body?.cancel();
    if (!response.ok) onWait?.(`it answers ${response.status}`);
    return response.ok;
  } catch {
    onWait?.('no answer yet');
    return false;
  }
}

function endOf(logFile, lines) {
  return lastLines(withoutRequests(readFileSync(logFile, 'utf8')), lines);
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
