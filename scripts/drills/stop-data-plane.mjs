// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from './lib/Load.mjs';
import { checkCounted, settledCount, untilCounted } from './lib/counting.mjs';

export const title = 'A data plane is stopped, and killed, under load';

/** What a data plane has not sent yet when it is killed: a second of records and what is under way. */
const UNSENT_SECONDS = 3;
/** Each of them may wait to be accepted in the moment in which the port is closed: once for each stop. */
const CALLERS = 8;

export async function run({ stack, invariants, key, smoke }) {
  const rounds = smoke ? 1 : 5;
  const seconds = smoke ? 2 : 5;
  const before = await settledCount(stack);
  const load = new Load({
    urls: [stack.dataPlane.url],
    key,
    callers: CALLERS,
  }).start();
  for (let round = 1; round <= rounds; round++) {
    await sleep(seconds * 1_000);
    invariants.say(`SIGTERM, round ${round} of ${rounds}`);
    await stack.dataPlane.kill('SIGTERM');
    await stack.dataPlane.start();
  }
  await sleep(seconds * 1_000);
  await load.stop();
  invariants.check(
    'no request that was accepted is lost when a data plane is stopped',
    load.lost.length === 0 && load.knocked <= rounds * CALLERS,
    `${load.answered} answered, ${
      load.refused
    } refused before they were sent, ${
      load.knocked
    } reset before they were accepted${
      load.lost.length > 0 ? `, lost: ${load.lost[0].why}` : ''
    }`,
  );
  invariants.check(
    'callers with a key are never told that they have none',
    load.count(401, 403) === 0,
    describe(load),
  );
  await checkCounted({ stack, invariants, before, load });
  await killUnderLoad({ stack, invariants, key, seconds });
}

async function killUnderLoad({ stack, invariants, key, seconds }) {
  const before = await settledCount(stack);
  const load = new Load({ urls: [stack.dataPlane.url], key }).start();
  await sleep(seconds * 1_000);
  const atKill = load.count(200);
  invariants.say('SIGKILL');
  await stack.dataPlane.kill('SIGKILL');
  await stack.dataPlane.start();
  await sleep(seconds * 1_000);
  await load.stop();
  const answered = load.count(200);
  const perSecond = atKill / seconds;
  const mayMiss = Math.ceil(perSecond * UNSENT_SECONDS);
  const counted = await untilCounted(stack, {
    before,
    expected: answered - mayMiss,
  });
  invariants.check(
    'a kill loses at most what was not sent yet, and counts nothing twice',
    counted <= answered && counted >= answered - mayMiss,
    `${answered} answered, ${counted} counted, at most ${mayMiss} may be missing`,
  );
}

function describe(load) {
  return [...load.answers]
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ');
}
