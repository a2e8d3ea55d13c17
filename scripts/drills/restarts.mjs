// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from './lib/Load.mjs';
import { checkCounted, settledCount } from './lib/counting.mjs';

export const title = 'Five restarts of everything in a row';

export async function run({ stack, invariants, key, smoke }) {
  const rounds = smoke ? 1 : 5;
  for (let round = 1; round <= rounds; round++) {
    const before = await settledCount(stack);
    const load = new Load({ urls: [stack.dataPlane.url], key }).start();
    await sleep(2_000);
    await load.stop();
    await stack.stop();
    const startedAt = Date.now();
    stack.dataPlane.launch();
    await stack.startDatabase();
    await stack.controlPlane.start();
    await stack.dataPlane.untilReady();
    invariants.check(
      `everything works again after restart ${round}`,
      stack.controlPlane.isAlive && stack.dataPlane.isAlive,
      `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`,
    );
    await checkCounted({ stack, invariants, before, load });
  }
}
