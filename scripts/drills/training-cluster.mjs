// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { untilPeopleAreKnown } from './lib/untilPeopleAreKnown.mjs';
import { someAtOnce } from './training/GpuNodes.mjs';
import { CLUSTER, fleetOf, refOf } from './training/TrainingStage.mjs';

export const title =
  'Teams queue far more training jobs than a cluster with simulated GPU nodes has room for';
export const needs = { training: true, simulatedGpus: true, demo: false };

const ENDED = new Set(['succeeded', 'failed', 'cancelled']);
const LOOK_MILLIS = 1_000;
const PATIENCE_MILLIS = 20 * 60_000;
/** How long a simulated program runs: long enough that the queue, and not the machine, decides who is next. */
const RUN_SECONDS = 40;
const SMOKE_RUN_SECONDS = 4;
/** A share of units is a share in the mean: one job more or less of a team is no wrong. */
const FAIR_WITHIN = 0.1;
const SMOKE_FAIR_WITHIN = 0.4;

/** @param {{ stack: import('./lib/DrillStack.mjs').DrillStack, invariants: import('./lib/Invariants.mjs').Invariants, smoke: boolean }} options */
export async function run({ stack, invariants, smoke }) {
  const { training } = stack;
  if (!training) throw new Error('expected a stack with a cluster that trains');
  const { gpus, jobs, teams } = fleetOf(smoke);
  await untilPeopleAreKnown(stack);
  invariants.say(`${gpus} simulated nodes with a GPU each are there`);
  const grace = stack.as('grace');
  const begun = performance.now();
  const wanted = inTurns(teams, jobs);
  const seconds = smoke ? SMOKE_RUN_SECONDS : RUN_SECONDS;
  const ids = Array.from({ length: jobs }, () => '');
  await someAtOnce(wanted, async (team, index) => {
    const { id } = await grace.insist('/ai-training/jobs', {
      method: 'POST',
      body: {
        template: `gpu-${team}`,
        parameters: { seconds },
        backend: CLUSTER,
        requestId: `fleet-${index}`,
      },
    });
    ids[index] = id;
  });
  const submitted = (performance.now() - begun) / 1_000;
  invariants.say(
    `${jobs} jobs of ${teams.length} teams submitted in ${submitted.toFixed(
      0,
    )} s`,
  );
  const ends = await untilAllEnded(stack, ids, invariants);
  const took = (performance.now() - begun) / 1_000;
  const counts = countBy(ends, ({ phase }) => phase);
  invariants.check(
    'every job ends, and ends well',
    counts.succeeded === jobs && ends.length === jobs,
    `${JSON.stringify(counts)} of ${jobs} after ${took.toFixed(0)} s, ${(
      jobs / took
    ).toFixed(1)} a second`,
  );
  const attempts = await attemptsOf(stack, ids);
  checkOnce({ invariants, training, ends, attempts });
  checkBounds({ invariants, attempts, gpus, teams });
  checkNodes({ invariants, training });
  checkShares({
    invariants,
    attempts,
    gpus,
    teams,
    within: smoke ? SMOKE_FAIR_WITHIN : FAIR_WITHIN,
  });
  invariants.say(describeWaits(attempts));
  await untilGone({ training, invariants });
}

/** Each team's next one whenever it is behind its share of those so far. */
function inTurns(teams, jobs) {
  const given = teams.map(() => 0);
  return Array.from({ length: jobs }, (_, index) => {
    const behind = teams.map(
      ({ share }, at) => share * (index + 1) - given[at],
    );
    const next = behind.indexOf(Math.max(...behind));
    given[next] += 1;
    return teams[next].team;
  });
}

async function untilAllEnded(stack, ids, invariants) {
  const deadline = performance.now() + PATIENCE_MILLIS;
  let told = performance.now();
  for (;;) {
    const jobs = await stack.query(
      `select id, phase, state from "ai-training".training_jobs where id = any($1::uuid[])`,
      [ids],
    );
    const open = jobs.filter(({ phase }) => !ENDED.has(phase));
    if (open.length === 0 || performance.now() > deadline) return jobs;
    if (performance.now() - told > 30_000) {
      told = performance.now();
      invariants.say(JSON.stringify(countBy(jobs, ({ phase }) => phase)));
    }
    await sleep(LOOK_MILLIS);
  }
}

/** In milliseconds of the database's clock. */
async function attemptsOf(stack, ids) {
  const rows = await stack.query(
    `select j.team, j.id as job, a.number, a.units, a.outcome, a.is_released,
       extract(epoch from j.submitted_at)::float8 * 1000 as submitted,
       extract(epoch from a.started_at)::float8 * 1000 as begin,
       extract(epoch from a.running_at)::float8 * 1000 as running,
       extract(epoch from a.ended_at)::float8 * 1000 as end
     from "ai-training".training_attempts a join "ai-training".training_jobs j on j.id = a.job
     where j.id = any($1::uuid[])`,
    [ids],
  );
  return rows;
}

function checkOnce({ invariants, training, ends, attempts }) {
  const perJob = countBy(attempts, ({ job }) => job);
  const preempted = attempts.filter(
    ({ outcome }) => outcome?.why?.kind === 'preempted',
  );
  const others = attempts.filter(
    ({ outcome }) =>
      outcome?.kind !== 'succeeded' && outcome?.why?.kind !== 'preempted',
  );
  invariants.check(
    'no job is tried again but those that made room for a team that was owed it',
    others.length === 0 &&
      attempts.length === ends.length + preempted.length &&
      ends.every(({ id }) => perJob[id] >= 1),
    `${attempts.length} attempts, of which ${preempted.length} made room, and ${
      others.length
    } otherwise ${JSON.stringify(others[0]?.outcome ?? '')}`,
  );
  const { jobs, runs } = training.gpuNodes;
  const twice = [...jobs.values()].filter(uids => uids.size !== 1).length;
  const pods = countBy(runs, ({ pod }) => pod.replace(/-[^-]+$/, ''));
  const doubled = Object.values(pods).filter(count => count !== 1).length;
  invariants.check(
    'each attempt is one Job of the cluster with one pod',
    jobs.size === attempts.length && twice === 0 && doubled === 0,
    `${jobs.size} Jobs, ${twice} made twice, ${doubled} with more than a pod`,
  );
  const overlaps = runs.filter(one =>
    runs.some(
      other =>
        other !== one &&
        other.job === one.job &&
        other.beganMillis >= one.beganMillis &&
        other.beganMillis < one.endedMillis,
    ),
  );
  invariants.check('no job has two programs at once', overlaps.length === 0);
}

function checkBounds({ invariants, attempts, gpus, teams }) {
  const all = mostAtOnce(attempts);
  invariants.check(
    'at no moment have jobs more GPUs than there are',
    all <= gpus,
    `${all} of ${gpus} at most`,
  );
  invariants.check('all GPUs are used when enough jobs wait', all === gpus);
  for (const { team, nominal, borrow } of teams) {
    if (borrow === undefined) continue;
    const most = mostAtOnce(attempts.filter(one => one.team === refOf(team)));
    invariants.check(
      `at no moment has ${team} more than its quota`,
      most <= nominal + borrow,
      `${most} of ${nominal + borrow} at most`,
    );
  }
}

function mostAtOnce(attempts) {
  const changes = attempts.flatMap(({ begin, end, units }) => [
    { at: begin, by: units },
    { at: end, by: -units },
  ]);
  // Of one moment, what ends makes room for what begins.
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  return changes.reduce((most, { by }) => {
    now += by;
    return Math.max(most, now);
  }, 0);
}

/** What the nodes have seen themselves. */
function checkNodes({ invariants, training }) {
  const { runs } = training.gpuNodes;
  const nodes = Object.entries(Object.groupBy(runs, ({ node }) => node));
  const over = nodes.filter(
    ([, mine = []]) =>
      mostAtOnce(
        mine.map(({ beganMillis, endedMillis, gpus }) => ({
          begin: beganMillis,
          end: endedMillis,
          units: gpus,
        })),
      ) > 1,
  );
  invariants.check(
    'no node runs more than its GPU',
    over.length === 0,
    `${runs.length} pods on ${nodes.length} nodes`,
  );
}

/**
 * While all teams wait, each has its own, and what is left goes by weight beyond that; what a team cannot have, the others
 * have.
 */
function checkShares({ invariants, attempts, gpus, teams, within }) {
  const window = contention(attempts, { gpus, teams });
  if (!window) {
    invariants.check('teams wait at the same time', false);
    return;
  }
  const { from, until } = window;
  const lent = gpus - teams.reduce((sum, { nominal }) => sum + nominal, 0);
  const weights = teams.reduce((sum, { weight = 0 }) => sum + weight, 0);
  const parts = teams.map(({ team, nominal, weight = 0 }) => {
    const expected = nominal + (lent * weight) / weights;
    const had =
      attempts
        .filter(one => one.team === refOf(team))
        .reduce(
          (sum, { begin, end, units }) =>
            sum +
            units * Math.max(0, Math.min(end, until) - Math.max(begin, from)),
          0,
        ) /
      (until - from);
    return { team, expected, had };
  });
  // Between the end of one job and the start of the next a GPU is nobody's.
  const used = parts.reduce((sum, { had }) => sum + had, 0) / gpus;
  invariants.check(
    'while all wait, each team has its own and its share of the rest by weight',
    parts.every(
      ({ expected, had }) =>
        Math.abs(had / used - expected) <= Math.max(1, within * expected),
    ),
    `for ${((until - from) / 1_000).toFixed(0)} s, with ${(used * 100).toFixed(
      0,
    )} % of the GPUs in use: ${parts
      .map(
        ({ team, had, expected }) =>
          `${team} ${(had / used).toFixed(1)} for ${expected.toFixed(1)}`,
      )
      .join(', ')}`,
  );
}

/** From when all GPUs were first used until the first team had none that waits. */
function contention(attempts, { gpus, teams }) {
  const changes = attempts
    .flatMap(({ begin, end, units }) => [
      { at: begin, by: units },
      { at: end, by: -units },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let used = 0;
  const from = changes.find(({ by }) => {
    used += by;
    return used === gpus;
  })?.at;
  const until = Math.min(
    ...teams.map(({ team }) =>
      Math.max(
        ...attempts
          .filter(one => one.team === refOf(team))
          .map(({ begin }) => begin),
      ),
    ),
  );
  return from !== undefined && until > from ? { from, until } : undefined;
}

function describeWaits(attempts) {
  const first = attempts.filter(({ number }) => number === 1);
  const waits = first.map(({ submitted, begin }) => begin - submitted);
  const starts = attempts.flatMap(({ begin, running }) =>
    running === null ? [] : [running - begin],
  );
  return `from submission to start ${seconds(
    waits,
    0.5,
  )} s in the middle, ${seconds(
    waits,
    1,
  )} s at most; from start to seen running ${seconds(
    starts,
    0.5,
  )} s in the middle, ${seconds(starts, 0.95)} s at the 95th percentile`;
}

function seconds(millis, part) {
  const sorted = [...millis].sort((a, b) => a - b);
  const at = Math.max(0, Math.ceil(sorted.length * part) - 1);
  return ((sorted[at] ?? 0) / 1_000).toFixed(1);
}

/** What has ended leaves nothing behind. */
async function untilGone({ training, invariants }) {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { items: jobs } = await training.batch.listNamespacedJob({
      namespace: 'training',
    });
    const { items: secrets } = await training.core.listNamespacedSecret({
      namespace: 'training',
    });
    const left = jobs.length + secrets.length;
    if (left === 0 || performance.now() > deadline) {
      invariants.check(
        'nothing of them is left in the cluster',
        left === 0,
        `${jobs.length} Jobs, ${secrets.length} Secrets`,
      );
      return;
    }
    await sleep(LOOK_MILLIS);
  }
}

/** @returns {Record<string, number>} */
function countBy(items, keyOf) {
  return Object.fromEntries(
    Object.entries(Object.groupBy(items, keyOf)).map(([key, group]) => [
      key,
      group?.length ?? 0,
    ]),
  );
}
