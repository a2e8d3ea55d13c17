// @ts-check
/**
 * Watches over one attempt of a job: begins its program, keeps what it writes, holds its bounds, ends it, and
 * says how it ended. `node main.js <folder of the attempt>`.
 *
 * It is a program of its own, so that neither side needs the other one to live: the control plane may be started
 * again while the program runs, and a program that fills its pipe keeps nobody else waiting. They speak by files in
 * the folder, each written in one piece:
 *
 * - `attempt.json`  what to run; `token` what it calls the control plane with
 * - `stop.json`     that it is to end
 * - `runner.json`   which process watches; there is only one at a time
 * - `status.json`   that the program runs, and what it uses
 * - `log/`          what it has written
 * - `result.json`   how it ended; the last thing that is written
 *
 * A second one that finds the first one gone does not go on: it ends what is left of the program, and says so.
 */
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { BoundedLog } = require('./BoundedLog');
const { endedForMemory, Family, identityOf } = require('./Family');
const {
  freeReserve,
  readJson,
  reserve,
  writeJson,
  writeJsonOnce,
} = require('./files');
const { findOnPath, problemWithProgram } = require('./findProgram');
const { Redaction } = require('./Redaction');

const TICK_MILLIS = 250;
const LOOK_EACH_TICKS = 2;
const STATUS_EACH_TICKS = 8;
/** For what was still in the pipe when the program ended. */
const DRAIN_MILLIS = 5_000;
/** Where it ends for a reason of ours, and nobody has said how long it may take. */
const OWN_GRACE_SECONDS = 30;
const SHUTDOWN_GRACE_SECONDS = 5;
/** Of the portal on the same machine, which must not wait for it. */
const NICENESS = '10';
const KEPT_TAIL_BYTES = 8 * 1024;
const MOST_LAST_LINES = 20;
/** A disk with less than this is full. */
const FULL_BELOW_BYTES = 1024 * 1024;
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);

/**
 * @typedef {{
 *   marker: string,
 *   command: string[],
 *   environment: Record<string, string>,
 *   deadlineSeconds: number,
 *   memoryLimitBytes?: number,
 *   processors?: number[],
 *   aliveFile: string,
 *   awaySeconds: number,
 *   log: { partBytes: number, keptParts: number },
 * }} Attempt
 * @typedef {import('@greenroom/plugin-ai-training-common').AttemptEnd} AttemptEnd
 * @typedef {{ pid: number, identity?: string }} Process
 */

const MARKER = 'GREENROOM_ATTEMPT';

class AttemptRun {
  #folder;
  #attempt;
  /** @type {AttemptEnd | undefined} what it is ended for; the first one holds */
  #cause;
  /** @type {Family | undefined} */
  #family;
  /** Of `performance.now()`; undefined while it may run. */
  #killAtMillis = Infinity;
  #isTold = false;
  #ticks = 0;
  #silentMillis = 0;
  #aliveBefore = 0;
  #tail = Buffer.alloc(0);
  /** @type {string | undefined} */
  #startedAt;
  /** @type {Process | undefined} the program, and the leader of its group */
  #leader;

  /**
   * @param {string} folder
   * @param {Attempt} attempt
   */
  constructor(folder, attempt) {
    this.#folder = folder;
    this.#attempt = attempt;
  }

  /** @returns {Promise<{ end: AttemptEnd, startedAt?: string }>} */
  async run() {
    const problem = this.#problem();
    if (problem) return { end: { kind: 'not-started', message: problem } };
    reserve(this.#folder);
    const killedBefore = endedForMemory();
    const token = fs.readFileSync(this.#path('token'), 'utf8');
    const pipe = openPipe(this.#path('output'));
    const child = this.#spawn(token, pipe.writing);
    fs.closeSync(pipe.writing);
    const ended = new Promise(resolve => {
      child.once('error', error => resolve({ error }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    if (child.pid === undefined) {
      const { error } = await ended;
      const message = `Its program could not be started: ${error?.message}`;
      return { end: { kind: 'not-started', message } };
    }
    this.#startedAt = new Date().toISOString();
    this.#leader = { pid: child.pid, identity: identityOf(child.pid) };
    this.#family = new Family(`${MARKER}=${this.#attempt.marker}`, child.pid);
    this.#writeStatus();
    const beganMillis = performance.now();
    const timer = setInterval(() => this.#tick(beganMillis), TICK_MILLIS);
    for (const signal of /** @type {const} */ ([
      'SIGTERM',
      'SIGINT',
      'SIGHUP',
    ])) {
      process.on(signal, () => {
        const message = `What watches over the program was ended by ${signal}`;
        this.#end({ kind: 'lost', message }, SHUTDOWN_GRACE_SECONDS);
      });
    }
    const output = this.#keepOutput(
      new net.Socket({ fd: pipe.reading, readable: true, writable: false }),
      new Redaction(token),
    ).catch(error => {
      const message = `What the program wrote could not be kept: ${error.message}`;
      this.#end({ kind: 'lost', message }, OWN_GRACE_SECONDS);
    });
    const exit = await ended;
    clearInterval(timer);
    // Who belongs to it ends with it.
    await this.#family.kill();
    await Promise.race([output, later(DRAIN_MILLIS)]);
    const end = this.#cause ?? this.#endOf(exit, killedBefore);
    return { end, startedAt: this.#startedAt };
  }

  /** After an error of this program itself. */
  async abandon() {
    await this.#family?.kill();
  }

  #problem() {
    const { command, environment } = this.#attempt;
    if (this.#stopWanted()) return 'It was stopped before its program began';
    return problemWithProgram(command[0], {
      folder: this.#path('source'),
      searched: environment.PATH ?? '',
    });
  }

  /**
   * @param {string} token
   * @param {number} output - what it writes to
   */
  #spawn(token, output) {
    const { command, environment, marker, processors } = this.#attempt;
    const searched = environment.PATH ?? '';
    const wrapping = [
      ...(findOnPath('nice', searched) ? ['nice', '-n', NICENESS] : []),
      ...(processors && findOnPath('taskset', searched)
        ? ['taskset', '-c', processors.join(',')]
        : []),
    ];
    const [program, ...args] = [...wrapping, ...command];
    return spawn(program, args, {
      cwd: this.#path('source'),
      env: {
        ...environment,
        MLFLOW_TRACKING_TOKEN: token,
        [MARKER]: marker,
      },
      detached: true,
      stdio: ['ignore', output, output],
    });
  }

  /**
   * @param {net.Socket} output - of the program
   * @param {Redaction} redaction
   */
  async #keepOutput(output, redaction) {
    const log = new BoundedLog(this.#path('log'), this.#attempt.log);
    /** @param {Buffer} bytes */
    const keep = async bytes => {
      if (bytes.length === 0 || this.#cause?.kind === 'disk-full') return;
      this.#tail = Buffer.concat([
        this.#tail,
        bytes.subarray(-KEPT_TAIL_BYTES),
      ]).subarray(-KEPT_TAIL_BYTES);
      try {
        await log.write(bytes);
      } catch (error) {
        if (!NO_SPACE.has(Object(error).code)) throw error;
        this.#end(
          {
            kind: 'disk-full',
            message: `There is no room for what the program writes: the disk of ${
              this.#folder
            } is full`,
          },
          OWN_GRACE_SECONDS,
        );
      }
    };
    try {
      // It waits while a slow disk writes, and so does the program.
      for await (const bytes of output) {
        await keep(redaction.pass(bytes));
      }
      await keep(redaction.end());
    } finally {
      await log.close();
    }
  }

  /** @param {number} beganMillis */
  #tick(beganMillis) {
    this.#ticks += 1;
    const nowMillis = performance.now();
    const stop = this.#stopWanted();
    if (stop) this.#tell(stop.graceSeconds);
    const { deadlineSeconds } = this.#attempt;
    if (nowMillis - beganMillis > deadlineSeconds * 1_000) {
      const minutes = Math.max(1, Math.round(deadlineSeconds / 60));
      const why = /** @type {const} */ ({ kind: 'deadline', minutes });
      this.#end({ kind: 'stopped', why }, OWN_GRACE_SECONDS);
    }
    this.#lookForControlPlane();
    if (this.#ticks % LOOK_EACH_TICKS === 0) this.#lookAtMemory();
    if (this.#ticks % STATUS_EACH_TICKS === 0) this.#writeStatus();
    if (nowMillis >= this.#killAtMillis) this.#family?.signal('SIGKILL');
  }

  /** In ticks and not by the clock: a machine that slept is no reason. */
  #lookForControlPlane() {
    let alive = 0;
    try {
      alive = fs.statSync(this.#attempt.aliveFile).mtimeMs;
    } catch {
      // Nobody has been there.
    }
    this.#silentMillis =
      alive === this.#aliveBefore ? this.#silentMillis + TICK_MILLIS : 0;
    this.#aliveBefore = alive;
    const { awaySeconds } = this.#attempt;
    if (this.#silentMillis <= awaySeconds * 1_000) return;
    const message = `The control plane was away for ${awaySeconds} seconds, so the program was ended`;
    this.#end({ kind: 'lost', message }, OWN_GRACE_SECONDS);
  }

  #lookAtMemory() {
    const { memoryLimitBytes: limitBytes } = this.#attempt;
    const family = this.#family;
    if (limitBytes === undefined || !family) return;
    // What several have in common is counted for each at first: that is cheap, and mostly enough to know.
    if (family.look().memoryBytes <= limitBytes) return;
    if (family.exactMemoryBytes() <= limitBytes) return;
    this.#end({ kind: 'out-of-memory', limitBytes }, 0);
  }

  #writeStatus() {
    const use = this.#family?.look();
    try {
      writeJson(this.#path('status.json'), {
        startedAt: this.#startedAt,
        leader: this.#leader,
        usage: use && {
          cpuCores: use.cpuCores,
          memoryBytes: use.memoryBytes,
        },
      });
    } catch (error) {
      if (!NO_SPACE.has(Object(error).code)) throw error;
    }
  }

  /**
   * @param {AttemptEnd} cause
   * @param {number} graceSeconds
   */
  #end(cause, graceSeconds) {
    this.#cause ??= cause;
    this.#tell(graceSeconds);
  }

  /** @param {number} graceSeconds - told again, it may become less and never more */
  #tell(graceSeconds) {
    this.#killAtMillis = Math.min(
      this.#killAtMillis,
      performance.now() + graceSeconds * 1_000,
    );
    if (this.#isTold) return;
    this.#isTold = true;
    this.#family?.signal(graceSeconds > 0 ? 'SIGTERM' : 'SIGKILL');
  }

  /** @returns {{ graceSeconds: number } | undefined} */
  #stopWanted() {
    const file = this.#path('stop.json');
    return fs.existsSync(file) ? readJson(file) : undefined;
  }

  /**
   * @param {{ code?: number | null, signal?: string | null }} exit
   * @param {number} killedBefore
   * @returns {AttemptEnd}
   */
  #endOf({ code, signal }, killedBefore) {
    if (code === 0) return { kind: 'succeeded' };
    const isKilled = signal === 'SIGKILL' || code === 137;
    if (isKilled && !this.#isTold && endedForMemory() > killedBefore) {
      return { kind: 'out-of-memory' };
    }
    if (!this.#isTold && freeBytes(this.#folder) < FULL_BELOW_BYTES) {
      const message = `The program ended while the disk of ${
        this.#folder
      } was full: ${this.#lastLines()}`;
      return { kind: 'disk-full', message };
    }
    return {
      kind: 'program-failed',
      ...(signal ? { signal } : { exitCode: code ?? 1 }),
      lastLines: this.#lastLines(),
    };
  }

  #lastLines() {
    const text = this.#tail.toString('utf8').trimEnd();
    return text.split('\n').slice(-MOST_LAST_LINES).join('\n');
  }

  /** @param {string} name */
  #path(name) {
    return path.join(this.#folder, name);
  }
}

/**
 * One pipe for both outputs of a program, so that its lines keep their order. What Node makes for a child is a
 * socket, which programs cannot open again as /dev/stdout.
 *
 * @param {string} file - where it is for a moment
 */
function openPipe(file) {
  fs.rmSync(file, { force: true });
  execFileSync('mkfifo', ['-m', '600', file], { timeout: 5_000 });
  const { O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;
  // Without waiting for the other side, which is opened next.
  const reading = fs.openSync(file, O_RDONLY | O_NONBLOCK);
  const writing = fs.openSync(file, O_WRONLY);
  fs.rmSync(file);
  return { reading, writing };
}

/** @param {string} folder */
function freeBytes(folder) {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}

/** @param {number} millis */
function later(millis) {
  return new Promise(resolve => setTimeout(resolve, millis).unref());
}

/**
 * @param {string} folder
 * @returns {'first' | 'taken' | 'after-another'} whether somebody watches, or has
 */
function takeAttempt(folder) {
  const file = path.join(folder, 'runner.json');
  const me = { pid: process.pid, identity: identityOf(process.pid) };
  if (writeJsonOnce(file, me)) return 'first';
  if (isThere(readJson(file))) return 'taken';
  writeJson(file, me);
  return 'after-another';
}

/** @param {Process | undefined} told - what a file says of a process */
function isThere(told) {
  return told?.identity !== undefined && identityOf(told.pid) === told.identity;
}

/** @param {string} folder */
async function main(folder) {
  const attempt = readJson(path.join(folder, 'attempt.json'));
  if (!attempt) throw new Error(`${folder} has no attempt.json`);
  const taken = takeAttempt(folder);
  if (taken === 'taken') return;
  /** @type {{ end: AttemptEnd, startedAt?: string }} */
  let result;
  if (taken === 'after-another') {
    const { startedAt, leader } =
      readJson(path.join(folder, 'status.json')) ?? {};
    const group = isThere(leader) ? leader.pid : undefined;
    await new Family(`${MARKER}=${attempt.marker}`, group).kill();
    const message =
      'What watched over the program has ended, so the program was ended, too';
    result = { end: { kind: 'lost', message }, startedAt };
  } else {
    const run = new AttemptRun(folder, attempt);
    try {
      result = await run.run();
    } catch (error) {
      await run.abandon();
      const { code, message: text } = Object(error);
      result = {
        end: NO_SPACE.has(code)
          ? {
              kind: 'disk-full',
              message: `The disk of ${folder} is full`,
            }
          : {
              kind: 'lost',
              message: `What watches over the program failed: ${text}`,
            },
      };
    }
  }
  freeReserve(folder);
  fs.rmSync(path.join(folder, 'token'), { force: true });
  writeJsonOnce(path.join(folder, 'result.json'), {
    ...result,
    endedAt: new Date().toISOString(),
  });
}

main(process.argv[2]).then(
  () => process.exit(0),
  error => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
);
