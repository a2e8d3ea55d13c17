// @ts-check
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');

/** A process of Linux counts its time in hundredths of a second, on every machine. */
const TICKS_PER_SECOND = 100;
/** Of what processors are measured over: within a millisecond one tick would look like ten processors, and none like idleness. */
const SHORTEST_SPAN_MILLIS = 1_000;
/** A number of an ended process may be given again: after so many looks nothing is taken for known. */
const FORGET_EACH_LOOKS = 20;
const MOST_KILL_ROUNDS = 40;
const KILL_ROUND_MILLIS = 50;

/** @typedef {{ parent: number, group: number, session: number, startTicks: number, cpuTicks: number, memoryBytes: number }} Stat */

/**
 * All processes that an attempt has begun, also those that have left its group: whoever carries its mark, or
 * descends from one that belongs to it.
 */
class Family {
  /** @type {Map<number, number>} when each began, in ticks of the machine, by its number */
  #members = new Map();
  /** @type {Set<number>} numbers of processes that have nothing to do with it */
  #others = new Set();
  #looks = 0;
  #marker;
  #group;
  /** @type {{ atMillis: number, ticks: Map<number, number> } | undefined} */
  #before;
  /** @type {number | undefined} as it was measured last */
  #cpuCores;

  /**
   * @param {string} marker - a variable and its value, as `NAME=value`, that no other process has
   * @param {number} [group] - of the process that began it all
   */
  constructor(marker, group) {
    this.#marker = Buffer.from(marker);
    this.#group = group;
  }

  /**
   * @returns {{ count: number, memoryBytes: number, cpuCores?: number }} now; processors over the last second or more, however
   * often somebody looks
   */
  look() {
    if (!isLinux()) return this.#askPs();
    this.#findMembers();
    const ticks = new Map();
    let memoryBytes = 0;
    for (const [pid, startTicks] of this.#members) {
      const stat = readStat(pid);
      if (stat?.startTicks !== startTicks) {
        this.#members.delete(pid);
        continue;
      }
      memoryBytes += stat.memoryBytes;
      ticks.set(pid, stat.cpuTicks);
    }
    return {
      count: this.#members.size,
      memoryBytes,
      cpuCores: this.#coresSince(ticks),
    };
  }

  /** What its processes have in memory, counting what several of them share once. Costs more than a look. */
  exactMemoryBytes() {
    let bytes = 0;
    for (const pid of this.#members.keys()) {
      try {
        const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
        bytes += Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1024;
      } catch {
        bytes += readStat(pid)?.memoryBytes ?? 0;
      }
    }
    return bytes;
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    this.look();
    if (this.#group !== undefined) send(-this.#group, signal);
    for (const pid of this.#members.keys()) send(pid, signal);
  }

  /** @returns {Promise<boolean>} whether none is left */
  async kill() {
    for (let round = 0; round < MOST_KILL_ROUNDS; round++) {
      this.signal('SIGKILL');
      if (this.look().count === 0) return true;
      await new Promise(resolve => setTimeout(resolve, KILL_ROUND_MILLIS));
    }
    return false;
  }

  #findMembers() {
    this.#looks += 1;
    if (this.#looks % FORGET_EACH_LOOKS === 0) this.#others.clear();
    const pids = fs
      .readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number);
    const there = new Set(pids);
    for (const pid of this.#others) {
      if (!there.has(pid)) this.#others.delete(pid);
    }
    let unknown = pids.filter(
      pid =>
        pid !== process.pid &&
        !this.#members.has(pid) &&
        !this.#others.has(pid),
    );
    // A child may come before its parent: until nobody new is found.
    for (let found = true; found; ) {
      found = false;
      const left = [];
      for (const pid of unknown) {
        const stat = readStat(pid);
        if (stat && this.#belongs(pid, stat)) {
          this.#members.set(pid, stat.startTicks);
          found = true;
        } else if (stat) left.push(pid);
      }
      unknown = left;
    }
    unknown.forEach(pid => this.#others.add(pid));
  }

  /**
   * @param {number} pid
   * @param {Stat} stat
   */
  #belongs(pid, stat) {
    if (stat.group === this.#group || stat.session === this.#group) return true;
    if (this.#members.has(stat.parent)) return true;
    try {
      return fs.readFileSync(`/proc/${pid}/environ`).includes(this.#marker);
    } catch {
      // Somebody else's.
      return false;
    }
  }

  /** @param {Map<number, number>} ticks - used so far, by process */
  #coresSince(ticks) {
    const atMillis = performance.now();
    const before = this.#before;
    if (before && atMillis - before.atMillis < SHORTEST_SPAN_MILLIS) {
      return this.#cpuCores;
    }
    this.#before = { atMillis, ticks };
    if (!before) return undefined;
    let used = 0;
    for (const [pid, now] of ticks) used += now - (before.ticks.get(pid) ?? 0);
    const seconds = (atMillis - before.atMillis) / 1_000;
    this.#cpuCores = Math.max(0, used / TICKS_PER_SECOND / seconds);
    return this.#cpuCores;
  }

  /** Where there is no /proc only the group is known. */
  #askPs() {
    try {
      const rows = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,rss=,stat='], {
        encoding: 'utf8',
        timeout: 5_000,
      })
        .split('\n')
        .map(line => line.trim().split(/\s+/))
        .filter(([, group, , state]) => {
          return Number(group) === this.#group && !state.startsWith('Z');
        });
      const kilobytes = rows.map(([, , resident]) => Number(resident));
      return {
        count: rows.length,
        memoryBytes: kilobytes.reduce((sum, each) => sum + each, 0) * 1024,
      };
    } catch {
      return { count: 0, memoryBytes: 0 };
    }
  }
}

/**
 * Tells a process from a later one that was given the same number.
 *
 * @param {number} pid
 * @returns {string | undefined} undefined where there is none
 */
function identityOf(pid) {
  if (isLinux()) {
    const stat = readStat(pid);
    return stat && `${bootId()} ${stat.startTicks}`;
  }
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5_000,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    }).trim();
    return started || undefined;
  } catch {
    return undefined;
  }
}

/** How many processes the system itself has ended for want of memory, since it was started. */
function endedForMemory() {
  try {
    const text = fs.readFileSync('/proc/vmstat', 'utf8');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * @param {number} pid
 * @returns {Stat | undefined} undefined where there is none, or it has ended and nobody has asked how
 */
function readStat(pid) {
  let text;
  try {
    text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // Its name is in brackets, and may have brackets and spaces in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    startTicks: Number(fields[19]),
    memoryBytes: Number(fields[21]) * pageBytes(),
  };
}

/** @type {number | undefined} */
let knownPageBytes;

function pageBytes() {
  if (knownPageBytes === undefined) {
    try {
      const said = execFileSync('getconf', ['PAGESIZE'], { timeout: 5_000 });
      knownPageBytes = Number(said) || 4096;
    } catch {
      knownPageBytes = 4096;
    }
  }
  return knownPageBytes;
}

function bootId() {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function isLinux() {
  return process.platform === 'linux';
}

/**
 * @param {number} target
 * @param {NodeJS.Signals} signal
 */
function send(target, signal) {
  try {
    process.kill(target, signal);
  } catch {
    // It has ended by itself.
  }
}

module.exports = { endedForMemory, Family, identityOf };
