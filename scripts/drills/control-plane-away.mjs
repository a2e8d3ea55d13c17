// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from './lib/Load.mjs';
import { checkCounted, settledCount } from './lib/counting.mjs';

export const title = 'The control plane is away for five minutes';

export async function run({ stack, invariants, key, smoke }) {
  const awaySeconds = smoke ? 5 : 300;
  const before = await settledCount(stack);
  const load = new Load({ urls: [stack.dataPlane.url], key }).start();
  await sleep(2_000);
  invariants.say(`the control plane is killed for ${awaySeconds} s`);
  await stack.controlPlane.kill('SIGKILL');
  await sleep((awaySeconds * 1_000) / 2);
  invariants.say('the data plane is stopped and started meanwhile');
  await stack.dataPlane.kill('SIGTERM');
  await stack.dataPlane.start();
  await sleep((awaySeconds * 1_000) / 2);
  await stack.controlPlane.start();
  await sleep(3_000);
  await load.stop();
  invariants.check(
    'a data plane that starts while the control plane is away answers from its snapshot',
    load.lost.length === 0 && load.count(401, 403, 404) === 0,
    `${load.count(200)} answered, ${load.lost.length} lost, ${load.count(
      503,
    )} told to come back`,
  );
  await checkCounted({ stack, invariants, before, load });
}
