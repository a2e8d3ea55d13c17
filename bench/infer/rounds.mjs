// @ts-check
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url));
/** Of the times in /proc. */
const TICKS_PER_SECOND = 100;

/**
 * One round's result at one server.
 *
 * @typedef {{ perSecond: number, cpuMicros: number, p50: number, p99: number, failed: number }} Round
 */

/**
 * What answers, and how it is called.
 *
 * @typedef {{ name: string, pid: number, options: object, load?: (options: any) => Promise<any> }} Side
 */

/** CPU time of a process and of all that it started, in microseconds. */
export function cpuMicrosOf(pid) {
  const parents = new Map();
  const ticks = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    // The name of a program may have spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    parents.set(Number(name), Number(fields[1]));
    ticks.set(Number(name), Number(fields[11]) + Number(fields[12]));
  }
  const isOfIt = one => {
    for (let at = one; at > 1; at = parents.get(at) ?? 0) {
      if (at === pid) return true;
    }
    return false;
  };
  let sum = 0;
  for (const [one, count] of ticks) if (isOfIt(one)) sum += count || 0;
  return (sum * 1e6) / TICKS_PER_SECOND;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** Runs a load generator in a process of its own, so that its work is not taken for the server's. */
export async function runLoad(options, file = LOAD) {
  const child = spawn(process.execPath, [file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(options));
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  return JSON.parse(output);
}

/**
 * Loads several servers by turns in short rounds, so that other work on the machine meets all of them.
 *
 * @param {Side[]} sides
 * @param {{ rounds: number, seconds: number, warmUpSeconds?: number }} options
 * @returns {Promise<Record<string, Round[]>>} by name, in the order of the rounds
 */
export async function takeTurns(sides, { rounds, seconds, warmUpSeconds = 2 }) {
  /** @type {Record<string, Round[]>} */
  const results = {};
  for (const { name, options, load = runLoad } of sides) {
    results[name] = [];
    if (warmUpSeconds > 0) await load({ ...options, seconds: warmUpSeconds });
  }
  for (let round = 0; round < rounds; round++) {
    // Each has each place in turn.
    const shift = round % sides.length;
    for (const side of [...sides.slice(shift), ...sides.slice(0, shift)]) {
      const { name, pid, options, load = runLoad } = side;
      const before = cpuMicrosOf(pid);
      const result = await load({ ...options, seconds });
      const cpu = cpuMicrosOf(pid) - before;
      results[name].push({
        perSecond: Math.round(result.requests / result.seconds),
        cpuMicros: cpu / result.requests,
        p50: result.p50,
        p99: result.p99,
        failed: result.failed,
      });
    }
  }
  return results;
}

/**
 * The least disturbed round: other work on the machine only ever adds CPU time.
 *
 * @param {Round[]} rounds
 */
export function best(rounds) {
  return [...rounds].sort((a, b) => a.cpuMicros - b.cpuMicros)[0];
}

/**
 * How many times as much of something one server takes as another one: the median of the rounds' ratios.
 *
 * @param {Round[]} a
 * @param {Round[]} b
 * @param {'cpuMicros' | 'perSecond'} [of]
 */
export function medianRatio(a, b, of = 'cpuMicros') {
  const ratios = a.map((round, i) => round[of] / b[i][of]);
  ratios.sort((x, y) => x - y);
  const middle = ratios.length >> 1;
  return ratios.length % 2 === 1
    ? ratios[middle]
    : (ratios[middle - 1] + ratios[middle]) / 2;
}
