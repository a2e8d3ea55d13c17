// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const MINUTE = 60_000;
const NOW = 10_000 * MINUTE;
const TEAMS = 20;
const FLAVORS = 5;
const RUNNING = 200;
const PRIORITIES = ['low', 'normal', 'normal', 'normal', 'high'];

/**
 * How long a decision takes, in milliseconds by the clock and of processor time, of jobs that are other ones each time.
 *
 * @param {{ queued: number[], rounds: number, say: (line: string) => void }} options
 * @returns {Promise<{ queued: number, millis: number[], cpuMillis: number[], starts: number, preemptions: number }[]>} for each number of
 *   queued jobs; the starts and preemptions are those of the last round
 */
export async function measureQueue({ queued, rounds, say }) {
  const { decideQueue, DEFAULT_QUEUE_SETTINGS } = await loadQueue();
  const measured = [];
  for (const count of queued) {
    say(`Deciding ${rounds} times with ${count} queued jobs.`);
    const millis = [];
    const cpuMillis = [];
    let decision = { starts: [], preemptions: [] };
    // As many before that do not count: the program is compiled meanwhile, as it is in a backend that has run for a minute.
    for (let round = -rounds; round < rounds; round++) {
      const input = {
        nowMillis: NOW,
        ...createWorld(count, round),
        settings: DEFAULT_QUEUE_SETTINGS,
      };
      const cpu = process.cpuUsage();
      const start = performance.now();
      decision = decideQueue(input);
      const taken = performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      if (round < 0) continue;
      millis.push(taken);
      cpuMillis.push((user + system) / 1_000);
    }
    measured.push({
      queued: count,
      millis,
      cpuMillis,
      starts: decision.starts.length,
      preemptions: decision.preemptions.length,
    });
  }
  return measured;
}

/** 200 running jobs that borrow what half of the teams own, and queued ones of all of them; the same for the same seed. */
function createWorld(count, seed) {
  const random = createRandom(seed);
  const below = most => Math.floor(random() * most);
  const teams = Array.from({ length: TEAMS }, (_, i) => `group:default/t${i}`);
  const flavors = Array.from({ length: FLAVORS }, (_, i) => `flavor-${i}`);
  const quotas = flavors.flatMap(flavor =>
    teams.slice(0, TEAMS / 2).map((team, index) => ({
      team,
      flavor,
      nominal: index,
      weight: 1 + (index % 3),
      ...(index % 2 && { borrow: 30 }),
    })),
  );
  const job = (index, state) => ({
    id: `${index}`.padStart(36, '0'),
    backend: 'cluster',
    flavor: flavors[below(FLAVORS)],
    units: 2 ** below(4),
    // Those that run are of the teams that own nothing.
    team: teams[
      state.phase === 'queued' ? below(TEAMS) : TEAMS / 2 + below(TEAMS / 2)
    ],
    priority: PRIORITIES[below(PRIORITIES.length)],
    submittedAtMillis: NOW - below(600) * MINUTE,
    sequence: index,
    preemptible: true,
    state,
  });
  const running = Array.from({ length: RUNNING }, (_, index) =>
    job(index, {
      phase: 'running',
      startedAtMillis: NOW - below(600) * MINUTE,
    }),
  );
  const waiting = Array.from({ length: count }, (_, index) =>
    job(RUNNING + index, { phase: 'queued' }),
  );
  const capacity = new Map([
    [
      'cluster',
      new Map(
        flavors.map(flavor => [
          flavor,
          // A little more than what runs, so that some start and some take units back.
          running
            .filter(one => one.flavor === flavor)
            .reduce((sum, { units }) => sum + units, 8),
        ]),
      ),
    ],
  ]);
  return { jobs: [...running, ...waiting], quotas, capacity };
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
function createRandom(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The queue, bundled as in production. */
async function loadQueue() {
  const folder = await mkdtemp(join(tmpdir(), 'bench-training-'));
  try {
    const outfile = join(folder, 'queue.mjs');
    const queue = 'plugins/ai-training-backend/src/queue';
    await build({
      stdin: {
        contents: `export * from './${queue}/decideQueue'; export * from './${queue}/queue';`,
        resolveDir: root,
        loader: 'ts',
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      outfile,
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}
