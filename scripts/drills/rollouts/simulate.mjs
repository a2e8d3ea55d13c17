// @ts-check
import { startDatabase } from './lib/database.mjs';
import { Players } from './lib/Players.mjs';
import { bundleSimulation } from './lib/simulation.mjs';

export const title =
  'Simulated rollouts: false alarms, and requests until a bad version is taken back';

/** Of each: how many are played, of which how many through the store. */
const FULL = { alike: 2_000, stored: 40, bad: 200, looks: 30 };
const SMOKE = { alike: 6, stored: 1, bad: 6, looks: 10 };

/** What no alarm may be above, over the level itself. */
const ALLOWANCE = 0.01;
const ROLLBACK_ALPHA = 0.0002;
const METRIC_ALPHA = 0.05;
const LEAST_CAUGHT = 0.95;

/** Shares of the new version in percent, with requests of a batch of both. */
const RATIOS = [
  { name: '1:1', percent: 50, requestsPerBatch: 120 },
  { name: '1:9', percent: 10, requestsPerBatch: 300 },
  { name: '1:99', percent: 1, requestsPerBatch: 600 },
];
const REQUESTS_PER_UNIT = [1, 20];

/** From 0.1 % to 5 %, evenly on a logarithmic scale. */
const errorRateOf = (place, of) => 0.001 * 50 ** (place / of);

/**
 * Plays rollouts whose clock is simulated through the code that counts, analyses and decides, and
 * looks after each batch: those of equal versions count false alarms, those of bad ones when they
 * are taken back.
 *
 * @param {{ invariants: import('../lib/Invariants.mjs').Invariants, smoke: boolean }} options
 */
export async function run({ invariants, smoke }) {
  const size = smoke ? SMOKE : FULL;
  const bundle = await bundleSimulation();
  const database = await startDatabase();
  const players = new Players(bundle.file);
  const context = { ...bundle, size, smoke, players, database, invariants };
  invariants.say(
    `${size.alike} rollouts of equal versions each, ${size.stored} of them through PostgreSQL, the others with the same code over sums in memory`,
  );
  try {
    for (const ratio of RATIOS) {
      for (const requestsPerUnit of REQUESTS_PER_UNIT) {
        await playAlike(context, { ratio, requestsPerUnit });
      }
    }
    for (const requestsPerUnit of REQUESTS_PER_UNIT) {
      await playEdge(context, requestsPerUnit);
      for (const bad of badVersions(requestsPerUnit)) {
        await playBad(context, { ...bad, requestsPerUnit });
      }
    }
  } finally {
    await players.stop();
    await database.stop();
    bundle.remove();
  }
}

/** Versions that do the same: whatever is decided is a false alarm. */
async function playAlike(context, { ratio, requestsPerUnit }) {
  const { simulation, size, players, database } = context;
  const games = Array.from({ length: size.alike }, (_, index) => {
    const behaviour = {
      errorRate: errorRateOf(index, size.alike),
      addedMillis: 0,
    };
    const id = `alike-${ratio.percent}-${requestsPerUnit}-${index}`;
    return {
      seed: 1 + index,
      scene: {
        comparison: simulation.simulatedComparison(ratio.percent, id),
        control: behaviour,
        treatment: behaviour,
        requestsPerUnit,
        batches: size.looks,
        requestsPerBatch: ratio.requestsPerBatch,
      },
    };
  });
  const step = Math.floor(games.length / size.stored);
  const isStored = (_game, index) => index % step === 0;
  const stored = games.filter(isStored);
  const rollouts = await players.play(
    games.filter((game, index) => !isStored(game, index)),
  );
  for (const { scene, seed } of stored) {
    rollouts.push(await simulation.playInStore(database.knex, scene, seed));
  }
  const what = `${ratio.name}, ${requestsPerUnit} a caller`;
  const alarms = {
    [`${what}: taken back`]: {
      count: rollouts.filter(each => each.takenBackAfter !== undefined).length,
      alpha: ROLLBACK_ALPHA,
    },
    [`${what}: an event better or worse`]: {
      count: rollouts.filter(each => each.decided.clicked).length,
      alpha: METRIC_ALPHA,
    },
    [`${what}: an amount better or worse`]: {
      count: rollouts.filter(each => each.decided.amount).length,
      alpha: METRIC_ALPHA,
    },
    [`${what}: callers not as planned`]: {
      count: rollouts.filter(each => each.hadMismatch).length,
      alpha: 0.001,
    },
  };
  for (const [name, { count, alpha }] of Object.entries(alarms)) {
    checkAlarms(context, name, { count, runs: rollouts.length, alpha });
  }
}

/** A version that is worse by just the margin may pass: taking it back is a false alarm, and the likeliest one. */
async function playEdge(context, requestsPerUnit) {
  const { simulation, size, players } = context;
  const games = Array.from({ length: size.alike }, (_, index) => {
    const errorRate = errorRateOf(index, size.alike);
    return {
      seed: 500_000 + index,
      scene: {
        comparison: {
          ...simulation.simulatedComparison(10),
          analysis: simulation.GUARDRAILS_ONLY,
        },
        control: { errorRate, addedMillis: 0 },
        treatment: { errorRate: errorRate + 0.01, addedMillis: 0 },
        requestsPerUnit,
        batches: size.looks,
        requestsPerBatch: 300,
      },
    };
  });
  const rollouts = await players.play(games);
  checkAlarms(
    context,
    `1:9, ${requestsPerUnit} a caller: taken back with 1 % more errors, which is the margin`,
    {
      count: rollouts.filter(each => each.takenBackAfter !== undefined).length,
      runs: rollouts.length,
      alpha: ROLLBACK_ALPHA,
    },
  );
}

function checkAlarms({ simulation, smoke, invariants }, name, alarms) {
  const { count, runs, alpha } = alarms;
  // Of both ends together: the upper one alone is at 99 %.
  const confidence = 0.98;
  const [, upper] = simulation.clopperPearsonInterval(count, runs, confidence);
  const most = alpha + ALLOWANCE;
  invariants.check(
    name,
    // The bound of some rollouts says nothing.
    smoke ? count / runs < 0.5 : upper < most,
    `${count} of ${runs}, 99 % bound ${percent(upper)}, at most ${percent(
      most,
    )}`,
  );
}

/** At 1:9, with as many batches as it takes. */
function badVersions(requestsPerUnit) {
  const batches = requestsPerUnit === 1 ? 300 : 1_000;
  return [
    {
      name: '5 % of errors instead of 0.1 %',
      guardrail: 'errors',
      control: { errorRate: 0.001, addedMillis: 0 },
      treatment: { errorRate: 0.05, addedMillis: 0 },
      batches,
    },
    {
      name: '5 % of errors instead of 1 %',
      guardrail: 'errors',
      control: { errorRate: 0.01, addedMillis: 0 },
      treatment: { errorRate: 0.05, addedMillis: 0 },
      batches: batches * 2,
    },
    {
      name: '100 ms more',
      guardrail: 'latency',
      control: { errorRate: 0.001, addedMillis: 0 },
      treatment: { errorRate: 0.001, addedMillis: 100 },
      batches,
    },
  ];
}

async function playBad(context, bad) {
  const { simulation, size, smoke, players, invariants } = context;
  const { name, guardrail, requestsPerUnit, control, treatment } = bad;
  const scene = {
    comparison: {
      ...simulation.simulatedComparison(10),
      analysis: simulation.GUARDRAILS_ONLY,
    },
    control,
    treatment,
    requestsPerUnit,
    batches: bad.batches,
    requestsPerBatch: 100,
  };
  const rollouts = await players.play(
    Array.from({ length: size.bad }, (_, index) => ({
      scene,
      seed: 1_000_000 + index,
    })),
  );
  const requests = rollouts
    .map(each => each.takenBackAfter ?? Infinity)
    .sort((a, b) => a - b);
  const caught = requests.filter(Number.isFinite).length;
  const expected = simulation.expectedRequests(scene, guardrail);
  const within = requests.filter(each => each <= expected + 10).length;
  const at = share => requests[Math.ceil(share * requests.length) - 1];
  const detail = `within ${at(0.5)} requests of it in half of the cases, ${at(
    0.95,
  )} in 95 of 100`;
  const what = `${name}, ${requestsPerUnit} a caller`;
  invariants.check(
    `${what}: ${percent(caught / size.bad)} taken back`,
    smoke ? caught > 0 : caught / size.bad >= LEAST_CAUGHT,
    detail,
  );
  if (requestsPerUnit > 1) return;
  // What is promised is for independent requests; one look is after ten.
  invariants.check(
    `${what}: ${percent(
      within / size.bad,
    )} within the ${expected} that its page promises in 95 of 100 cases`,
    smoke ? within > 0 : within / size.bad >= LEAST_CAUGHT - 0.04,
  );
}

function percent(share) {
  return `${Number((share * 100).toFixed(2))} %`;
}
