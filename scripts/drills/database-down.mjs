// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from './lib/Load.mjs';
import { checkCounted, settledCount } from './lib/counting.mjs';

export const title = 'PostgreSQL is killed, and hangs for two minutes';

export async function run({ stack, invariants, key, smoke }) {
  const before = await settledCount(stack);
  const load = new Load({ urls: [stack.dataPlane.url], key }).start();
  await sleep(2_000);

  invariants.say('SIGKILL to PostgreSQL');
  process.kill(stack.databasePid, 'SIGKILL');
  await sleep(1_000);
  await stack.controlPlane.untilReady();
  invariants.check(
    'PostgreSQL is started again, and the control plane works again by itself',
    stack.controlPlane.isAlive,
  );

  const hangSeconds = smoke ? 6 : 120;
  invariants.say(`PostgreSQL hangs for ${hangSeconds} s`);
  const pid = stack.databasePid;
  freeze(pid, 'SIGSTOP');
  try {
    await sleep(5_000);
    const readiness = await readinessOf(stack.controlPlane);
    invariants.check(
      'the control plane says that it is not ready while the database hangs',
      readiness === 503,
      `readiness ${readiness}`,
    );
    await sleep((hangSeconds - 5) * 1_000);
  } finally {
    freeze(pid, 'SIGCONT');
  }
  await stack.controlPlane.untilReady();
  await sleep(2_000);
  await load.stop();
  invariants.check(
    'the data plane answers all the while',
    load.lost.length === 0 &&
      load.refused === 0 &&
      load.answered === load.count(200),
    `${load.answered} answered, ${load.lost.length} lost, ${load.refused} refused`,
  );
  await checkCounted({ stack, invariants, before, load });
}

/** The whole process group: each connection has a process of its own. */
function freeze(pid, signal) {
  process.kill(-pid, signal);
}

async function readinessOf({ url }) {
  const response = await fetch(`${url}/.backstage/health/v1/readiness`, {
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  return response.status;
}
