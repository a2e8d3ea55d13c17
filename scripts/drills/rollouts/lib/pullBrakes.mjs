// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { Callers } from './Callers.mjs';
import {
  hasShare,
  untilDeployment,
  untilEnded,
  untilWayBack,
} from './models.mjs';
import { summaryOf } from './summary.mjs';

const REQUESTS_PER_SECOND = 40;
const AWAY_SECONDS = 15;
/** A brake looks at the last ten seconds, half of which have to have failed. */
const LONGEST_BRAKING_SECONDS = 8;

/**
 * The control plane is killed; then versions that share the traffic begin to fail each request, and
 * the data plane alone has to help their callers. When it is back, it is told.
 */
export async function pullBrakes(context) {
  const { stack, invariants, grace, endpoint, games, key } = context;
  const braked = games.filter(({ kind }) => kind === 'braked');
  for (const { model } of braked) {
    await untilDeployment(grace, model, {
      what: 'to share its traffic',
      seconds: 60,
      holds: hasShare(2, 50),
    });
  }
  const callers = braked.map(({ model }) =>
    new Callers({
      url: stack.dataPlane.url,
      key,
      model,
      perSecond: REQUESTS_PER_SECOND,
    }).start(),
  );
  await sleep(3_000);
  invariants.say('the control plane is killed, then versions begin to fail');
  await stack.controlPlane.kill('SIGKILL');
  await sleep(1_000);
  const failingFrom = Date.now();
  for (const { model } of braked) {
    endpoint.behave(`${model}-bad`, { failsBelow: Infinity });
  }
  await sleep(AWAY_SECONDS * 1_000);
  const seconds = callers.map(
    ({ failedAt }) => (Math.max(failingFrom, ...failedAt) - failingFrom) / 1e3,
  );
  const failures = callers.map(({ failedAt }) => failedAt.length);
  const isSaved = callers.map(
    ({ failedAt }, index) =>
      failedAt.length > 0 && seconds[index] <= LONGEST_BRAKING_SECONDS,
  );
  const found = `after ${summaryOf(seconds)} s and ${summaryOf(
    failures,
  )} failed requests`;
  invariants.check(
    'a version that fails loses its traffic while the control plane is away',
    isSaved.every(Boolean),
    `${isSaved.filter(Boolean).length} of ${braked.length}, ${found}`,
  );
  await stack.controlPlane.start();
  await untilTakenBack(context, braked);
  await Promise.all(callers.map(each => each.stop()));
  invariants.check(
    'no more requests fail until the traffic is back on the proven version',
    callers.every(({ failedAt }, index) => failedAt.length === failures[index]),
    `${summaryOf(
      callers.map(({ answers }) => answers.get(200) ?? 0),
    )} answered of each model`,
  );
  return [
    [
      'Each request fails, with the control plane stopped',
      `${isSaved.filter(Boolean).length} of ${braked.length}`,
      `braked ${found}`,
    ],
  ];
}

/** The control plane hears of the brakes, takes the rollouts back by them, and opens the way back. */
async function untilTakenBack({ grace, invariants }, braked) {
  const backAt = Date.now();
  const ends = await Promise.all(
    braked.map(async ({ model }) => {
      const rollout = await untilEnded(grace, model, { seconds: 60 });
      await untilWayBack(grace, model);
      return rollout;
    }),
  );
  const seconds = ends.map(
    ({ state }) => (Date.parse(state.rejectedAt) - backAt) / 1_000,
  );
  const last = ends.map(({ history }) => history.at(-1).evidence);
  invariants.check(
    'when the control plane is back, it takes the rollouts back by the brakes, with their numbers',
    ends.every(({ state }) => state.by === 'brake') &&
      last.every(evidence => evidence?.kind === 'brake'),
    `${summaryOf(seconds)} s after it was ready`,
  );
}
