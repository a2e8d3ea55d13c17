// @ts-check
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushManifests } from '../demo/environmentsRepository.mjs';
import { root } from '../lib/paths.mjs';
import { Callers } from './rollouts/lib/Callers.mjs';
import { Endpoint } from './rollouts/lib/Endpoint.mjs';
import {
  hasShare,
  issueKey,
  productionManifest,
  registerAlike,
  registerRemote,
  untilDeployment,
  untilEnded,
  untilWayBack,
} from './rollouts/lib/models.mjs';
import { pullBrakes } from './rollouts/lib/pullBrakes.mjs';
import { summaryOf } from './rollouts/lib/summary.mjs';

export const title =
  'Rollouts on a running stack: equal versions, bad ones, and the brake without a control plane';
export const needs = { endpoint: true };

/** How many of each are played at the same time, for how long, and what of each model's requests. */
const FULL = {
  alike: 20,
  bad: 10,
  braked: 5,
  seconds: 90,
  perSecond: 10,
  failedPercent: 5,
};
/** One of each: an experiment takes at least a minute. */
const SMOKE = {
  alike: 1,
  bad: 1,
  braked: 1,
  seconds: 15,
  perSecond: 30,
  failedPercent: 15,
};

/** So many tell how long the version that runs takes. */
const WARM_UP_REQUESTS = 250;
const BAD_SECONDS = 300;
/** Of metrics at 5 %: more among the experiments is less than one chance in a hundred. */
const MOST_METRIC_ALARMS = 3;
const ADDED_MILLIS = 100;

/** A fair outcome: the same for all versions. */
const fairOutcome = () => ({ name: 'clicked', value: Math.random() < 0.3 });

/** @param {{ stack: import('./lib/DrillStack.mjs').DrillStack, invariants: import('./lib/Invariants.mjs').Invariants, smoke: boolean }} options */
export async function run({ stack, invariants, smoke }) {
  const size = smoke ? SMOKE : FULL;
  const grace = stack.as('grace');
  const endpoint = await new Endpoint().start(stack.endpointPort);
  const games = await registerGames(grace, endpoint, size);
  const key = await issueKey(
    grace,
    games.map(({ model }) => model),
  );
  const context = { stack, invariants, grace, endpoint, games, size, key };
  let callers = [];
  try {
    await deployFirst(context);
    callers = startCallers(context);
    invariants.say(`${games.length} models are warmed up`);
    await sleep((WARM_UP_REQUESTS / size.perSecond) * 1_000);
    await beginRollouts(context);
    const table = [
      ...(await playAlike(context)),
      ...(await playBad(context, 'errors')),
      ...(await playBad(context, 'slow')),
    ];
    await stopCallers(callers, games, kind => kind !== 'braked');
    table.push(...(await pullBrakes(context)));
    for (const [what, count, found] of table) {
      console.log(`    ${what.padEnd(52)} ${count.padStart(9)}   ${found}`);
    }
  } finally {
    await Promise.all(callers.map(each => each.stop()));
    await endpoint.stop();
  }
}

/** All that is played, with both versions of each. */
async function registerGames(grace, endpoint, size) {
  const games = [];
  const bytes = readFileSync(
    path.join(root, 'packages/inference-server/fixtures/linear-1.onnx'),
  );
  for (let index = 0; index < size.alike; index++) {
    const kind = index % 2 === 0 ? 'canary' : 'experiment';
    const model = `alike-${kind}-${index + 1}`;
    const versions = await registerAlike(grace, model, { bytes, versions: 2 });
    games.push({ kind, model, versions });
  }
  const remote = async (kind, index, { connection, behaviour }) => {
    const model = `${kind}-${index + 1}`;
    endpoint.behave(`${model}-bad`, behaviour);
    const versions = await registerRemote(grace, model, [
      { connection: 'steady', model: `${model}-good` },
      { connection, model: `${model}-bad` },
    ]);
    games.push({ kind, model, versions });
  };
  for (let index = 0; index < size.bad; index++) {
    await remote('errors', index, {
      connection: 'shaky',
      behaviour: { failsBelow: size.failedPercent },
    });
    await remote('slow', index, {
      connection: 'steady',
      behaviour: { delayMillis: ADDED_MILLIS },
    });
  }
  for (let index = 0; index < size.braked; index++) {
    await remote('braked', index, { connection: 'shaky', behaviour: {} });
  }
  return games;
}

async function deployFirst({ stack, grace, games }) {
  await pushManifests(
    stack.environmentsRepository,
    games.map(({ model, versions: [first] }) =>
      productionManifest(model, {
        ...first,
        rollout: { strategy: 'immediate' },
      }),
    ),
    'Run the first versions',
  );
  for (const { model } of games) {
    await untilDeployment(grace, model, {
      what: 'to serve its first version',
      seconds: 180,
      holds: found =>
        hasShare(1, 100)(found) && found.convergence.state === 'serving',
    });
  }
}

function startCallers({ stack, games, key, size }) {
  return games.map(({ kind, model }) =>
    new Callers({
      url: stack.dataPlane.url,
      key,
      model,
      perSecond: size.perSecond,
      ...(['canary', 'experiment'].includes(kind) && {
        input: { name: 'x', row: index => [index % 7, index % 5, 1] },
      }),
      ...(kind === 'experiment' && { outcome: fairOutcome }),
    }).start(),
  );
}

/** Ends those of games that are over. */
async function stopCallers(callers, games, isOver) {
  await Promise.all(
    callers.filter((_, index) => isOver(games[index].kind)).map(c => c.stop()),
  );
}

async function beginRollouts({ stack, games, size }) {
  await pushManifests(
    stack.environmentsRepository,
    games.map(({ kind, model, versions }) =>
      productionManifest(model, specOf(kind, versions, size)),
    ),
    'Roll the second versions out',
  );
}

function specOf(kind, [first, second], { seconds }) {
  const half = { weightPercent: 50 };
  if (kind === 'experiment') {
    return {
      ...second,
      rollout: {
        strategy: 'experiment',
        control: { ...first, sharePercent: 50 },
        treatments: [{ ...second, sharePercent: 50 }],
        end: {
          atMostSeconds: seconds,
          minUnitsPerVariant: 100,
          winner: 'serve',
        },
      },
      analysis: {
        metrics: [
          {
            name: 'clicks',
            measure: { kind: 'outcome', outcome: 'clicked' },
            direction: 'higher-is-better',
            margin: 0.01,
            alpha: 0.05,
            power: 0.8,
          },
        ],
        minUnitsPerVariant: 100,
      },
      outcomes: { samplePercent: 100, keepDays: 1 },
    };
  }
  const steps =
    kind === 'canary'
      ? [{ ...half, holdSeconds: 0 }, { analysisSeconds: seconds }]
      : [{ ...half, holdSeconds: kind === 'braked' ? 3_600 : BAD_SECONDS }];
  return {
    ...second,
    rollout: { strategy: 'canary', steps },
    ...(['canary', 'slow'].includes(kind) && { analysis: GUARDRAILS }),
  };
}

/** Those that all have, also where a provider runs the version. */
const GUARDRAILS = {
  metrics: [],
  guardrails: [
    {
      name: 'errors',
      measure: { kind: 'error-rate' },
      direction: 'lower-is-better',
      margin: 0.01,
    },
    {
      name: 'latency',
      measure: { kind: 'latency', quantilePercent: 95 },
      direction: 'lower-is-better',
      margin: 50,
    },
  ],
  minUnitsPerVariant: 100,
};

async function untilOver({ grace, size }, { model }) {
  const rollout = await untilEnded(grace, model, {
    seconds: Math.max(size.seconds, BAD_SECONDS) + 120,
  });
  // What was on its way is counted a moment later.
  await sleep(1_500);
  const report = await grace.insist(
    `/ai-monitoring/comparisons/${rollout.comparison.id}`,
  );
  return { rollout, report, decided: decidedBy(rollout) };
}

/**
 * Metrics and guardrails as they stood when the end was decided: requests that were on their way then
 * are counted later, and may take one that was just above its bound below it.
 */
function decidedBy({ history }) {
  const { evidence } = history.at(-1);
  return evidence?.kind === 'comparison' ? evidence.metrics : [];
}

async function playAlike(context) {
  const { invariants, games, size } = context;
  const of = kinds => games.filter(({ kind }) => kinds.includes(kind));
  const ends = await Promise.all(
    of(['canary', 'experiment']).map(game => untilOver(context, game)),
  );
  const isGuardrail = ({ name }) => ['errors', 'latency'].includes(name);
  const guardrailAlarms = ends.filter(({ decided }) =>
    decided.some(each => isGuardrail(each) && each.status === 'worse'),
  );
  const canaries = ends.filter(
    ({ rollout }) => rollout.plan.strategy === 'canary',
  );
  const completed = canaries.filter(
    ({ rollout }) => rollout.state.phase === 'completed',
  );
  const experiments = ends.filter(({ report }) => report.metrics.length > 0);
  const metricAlarms = experiments.filter(({ decided }) =>
    decided.some(
      each => !isGuardrail(each) && ['better', 'worse'].includes(each.status),
    ),
  );
  const mismatches = ends.filter(({ report }) => report.sampleRatio.isMismatch);
  const callers = summaryOf(ends.map(({ report }) => report.versions[0].units));
  invariants.check(
    'no equal version is taken back',
    guardrailAlarms.length === 0 && completed.length === canaries.length,
    `${guardrailAlarms.length} of ${size.alike}; ${completed.length} of ${canaries.length} canaries went on to all traffic`,
  );
  if (experiments.length > 0)
    invariants.check(
      'experiments on equal versions find no winner',
      metricAlarms.length <= MOST_METRIC_ALARMS,
      `${metricAlarms.length} of ${experiments.length} did, by a metric with a level of 5 %`,
    );
  invariants.check(
    'callers come to equal versions as planned',
    mismatches.length === 0,
    `${callers} callers of each`,
  );
  return [
    [
      'Equal versions: a guardrail broke',
      `${guardrailAlarms.length} of ${ends.length}`,
      `${callers} callers of each version`,
    ],
    [
      'Equal versions: an experiment found a winner',
      `${metricAlarms.length} of ${experiments.length}`,
      'by a metric with a level of 5 %',
    ],
  ];
}

async function playBad(context, kind) {
  const { invariants, grace, games, size } = context;
  const what =
    kind === 'errors'
      ? `${size.failedPercent} % of requests fail`
      : `${ADDED_MILLIS} ms more`;
  const guardrail = kind === 'errors' ? 'errors' : 'latency';
  const ends = await Promise.all(
    games
      .filter(game => game.kind === kind)
      .map(game => untilOver(context, game)),
  );
  const caught = ends.filter(
    ({ rollout, decided }) =>
      rollout.state.phase === 'rejected' &&
      rollout.state.by === 'analysis' &&
      decided.some(
        ({ name, status }) => name === guardrail && status === 'worse',
      ),
  );
  const requests = summaryOf(
    caught.map(
      ({ report }) =>
        report.versions.find(({ version }) => version === 2).requests,
    ),
  );
  const seconds = summaryOf(
    caught.map(
      ({ rollout }) =>
        (Date.parse(rollout.state.rejectedAt) -
          Date.parse(rollout.comparison.startedAt)) /
        1_000,
    ),
  );
  const promised = summaryOf(
    ends.flatMap(
      ({ report }) =>
        report.expectations.find(({ name }) => name === guardrail)?.units ?? [],
    ),
  );
  const found = `within ${requests} of its requests, ${seconds} s (the page promises ${promised} for ${
    kind === 'errors' ? '5 % of errors' : '100 ms more'
  })`;
  invariants.check(
    `${what}: taken back`,
    caught.length === ends.length,
    `${caught.length} of ${ends.length}, ${found}`,
  );
  const opened = await Promise.all(
    games
      .filter(game => game.kind === kind)
      .map(({ model }) => untilWayBack(grace, model)),
  );
  invariants.check(
    `${what}: a change request has Git ask for the proven version`,
    opened.every(({ kind: opener }) => opener === 'rollback'),
    `${opened.length} opened`,
  );
  return [[what, `${caught.length} of ${ends.length}`, found]];
}
