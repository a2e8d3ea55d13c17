// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { loadModels } from './models.mjs';
import {
  best,
  cpuMicrosOf,
  medianRatio,
  runLoad,
  takeTurns,
} from './rounds.mjs';
import {
  describeMachine,
  here,
  HEADERS,
  restSide,
  say,
  Stage,
} from './sides.mjs';

const MODELS = 1_000;
/** While models are loaded, a model that is there is asked so often. */
const PER_SECOND = 300;
const QUIET_ROUNDS = 3;
/** About as many as a loop makes. */
const RUNS_PER_SECOND = 20_000;
const MOST_LOADING_MILLIS = 300_000;

/** The same model in a file of its own: a note in it says which one it is. */
export function named(bytes, name) {
  const text = (field, value) => [
    (field << 3) | 2,
    value.length,
    ...Buffer.from(value),
  ];
  const note = [...text(1, 'bench'), ...text(2, name)];
  return Buffer.concat([
    bytes,
    Buffer.from([(14 << 3) | 2, note.length, ...note]),
  ]);
}

const worst = (rounds, of) => Math.max(...rounds.map(round => round[of]));

/** Has a data plane load many models while it answers for one. */
export async function loadMany(server, one, many, { seconds }) {
  const options = {
    url: `${server.url}/v2/models/${one.model}/infer`,
    headers: HEADERS,
    bodies: one.bodies,
    connections: 16,
    seconds,
    perSecond: PER_SECOND,
  };
  const ask = () => runLoad(options, here('openLoad.mjs'));
  const quiet = [];
  await ask();
  for (let i = 0; i < QUIET_ROUNDS; i++) quiet.push(await ask());
  const { controlPlane } = server;
  const last = many
    .slice(-4)
    .map(({ model }) => `${server.url}/v2/models/${model}/ready`);
  const isReady = async url => (await fetch(url, { headers: HEADERS })).ok;
  let loadedMillis = 0;
  const startedCpu = cpuMicrosOf(server.pid);
  const startedMillis = performance.now();
  controlPlane.publish([one, ...many]);
  const watching = (async () => {
    for (const url of last) {
      while (!(await isReady(url))) {
        if (performance.now() - startedMillis > MOST_LOADING_MILLIS)
          throw new Error(`${url} is not ready`);
        await sleep(50);
      }
    }
    loadedMillis = performance.now() - controlPlane.fetchedAtMillis();
  })();
  const loading = [];
  for (let isOver = false; !isOver; ) {
    // Also right afterwards: what is not needed any more is looked for then.
    isOver = loadedMillis > 0;
    loading.push(await ask());
  }
  await watching;
  const cpu = cpuMicrosOf(server.pid) - startedCpu;
  say(
    `${many.length} models were ready after ${(loadedMillis / 1_000).toFixed(
      1,
    )} s, ${(cpu / many.length / 1_000).toFixed(
      1,
    )} ms of CPU each with the requests; of those, ${PER_SECOND} a second, p99 was at most ${worst(
      quiet,
      'p99',
    ).toFixed(1)} ms before and ${worst(loading, 'p99').toFixed(
      1,
    )} ms meanwhile, the longest ${worst(quiet, 'worst').toFixed(
      1,
    )} and ${worst(loading, 'worst').toFixed(1)} ms`,
  );
}

/** What of the difference is the runtime's and the processor's: sessions in a bare loop. */
async function measureBare({ file, bodies }, { count, rounds, seconds }) {
  const result = await runLoad(
    { file, bodies, count, rounds, runs: RUNS_PER_SECOND * seconds },
    here('bareSessions.mjs'),
  );
  say(
    `without the server, sessions in a loop: ${result.one.toFixed(
      1,
    )} us of CPU a run of one, ${result.many.toFixed(
      1,
    )} us of ${count} in turn, ${result.ratio.toFixed(2)} times as much`,
  );
}

/** One process with a thousand small models, called in turn, beside one with a single model. */
export async function measureMany({
  seconds = 2,
  rounds = 7,
  warmUpSeconds = 2,
  count = MODELS,
}) {
  const stage = new Stage();
  try {
    const [digits] = await loadModels();
    const one = { hasSecondVersion: false };
    const many = Array.from({ length: count }, (_, i) => {
      const model = `digits-${i}`;
      return { ...digits, model, bytes: named(digits.bytes, model) };
    });
    say(`${describeMachine()}; ${rounds} rounds of ${seconds} s by turns`);
    const large = await stage.dataPlane({ models: [digits], ...one });
    await loadMany(large, digits, many, { seconds });
    const small = await stage.dataPlane({ models: [digits], ...one });
    const ofMany = restSide('many', large, many[0]);
    const paths = many.map(({ model }) => `/v2/models/${model}/infer`);
    const results = await takeTurns(
      [
        restSide('one', small, digits),
        restSide('one of many', large, many[count >> 1]),
        { ...ofMany, options: { ...ofMany.options, paths } },
      ],
      { seconds, rounds, warmUpSeconds },
    );
    for (const [name, all] of Object.entries(results)) {
      const { perSecond, cpuMicros } = best(all);
      const ratio = medianRatio(all, results.one);
      say(
        `${name}: ${perSecond} req/s, ${cpuMicros.toFixed(
          1,
        )} us of CPU a request, ${ratio.toFixed(2)} times that of one alone`,
      );
    }
    await measureBare(digits, { count, rounds, seconds });
    return results;
  } finally {
    await stage.end();
  }
}
