// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { aliasHistory, gitHistory } from './lib/history.mjs';
import { Load } from './lib/Load.mjs';
import { checkCounted, settledCount } from './lib/counting.mjs';

export const title = 'Two control planes and three data planes on one database';
export const needs = { controlPlanes: 2, dataPlanes: 3 };

const MODEL = 'digits';
const PATIENCE_MILLIS = 180_000;

export async function run({ stack, invariants, key }) {
  const before = await settledCount(stack);
  const urls = stack.dataPlanes.map(({ url }) => url);
  const load = new Load({ urls, key }).start();
  const [first, second] = stack.controlPlanes;

  invariants.say('both control planes promote and take back in turn');
  for (const controlPlane of [first, second]) {
    const ada = stack.as('ada', controlPlane);
    const { id } = await ada.insist('/ai-registry/promotions', {
      method: 'POST',
      body: {
        model: MODEL,
        version: 2,
        environment: 'production',
        reason: 'A drill.',
        rollout: {
          strategy: 'canary',
          steps: [{ weightPercent: 30, holdSeconds: 2 }],
        },
      },
    });
    await untilPhase(ada, id, 'awaiting-review');
    await stack
      .as('grace', controlPlane === first ? second : first)
      .insist(`/ai-registry/promotions/${id}/approve`, {
        method: 'POST',
        body: {},
      });
    await untilPhase(ada, id, 'completed');
    const { id: back } = await ada.insist('/ai-registry/rollbacks', {
      method: 'POST',
      body: { model: MODEL, environment: 'production', reason: 'A drill.' },
    });
    await untilPhase(ada, back, 'completed');
  }

  invariants.say('one control plane is killed, the others go on');
  await first.kill('SIGKILL');
  await sleep(3_000);
  const { items } = await stack
    .as('ada', second)
    .insist('/ai-inference/deployments?environment=production');
  invariants.check(
    'the other control plane answers for all of it',
    items.length > 0,
    `${items.length} deployments`,
  );
  await first.start();
  await sleep(3_000);
  await load.stop();

  invariants.check(
    'no request is lost on any data plane',
    load.lost.length === 0 && load.answered === load.count(200),
    `${load.answered} answered, ${load.lost.length} lost`,
  );
  const [aliases, commits] = [
    await aliasHistory(stack, MODEL),
    await gitHistory(stack, MODEL),
  ];
  invariants.check(
    'the history of the alias is the history of the file in Git',
    JSON.stringify(aliases) === JSON.stringify(commits),
    `${aliases.join(' ')} and ${commits.join(' ')}`,
  );
  await checkCounted({ stack, invariants, before, load });
}

async function untilPhase(portal, id, phase) {
  const deadline = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const { state } = await portal.insist(`/ai-registry/promotions/${id}`);
    if (state.phase === phase) return;
    const hasEnded = ['closed', 'failed', 'blocked', 'completed'].includes(
      state.phase,
    );
    if (hasEnded || Date.now() > deadline) {
      throw new Error(`The promotion is ${JSON.stringify(state)}`);
    }
    await sleep(200);
  }
}
