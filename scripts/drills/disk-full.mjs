// @ts-check
import { unlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dataDirectory } from '../lib/paths.mjs';
import { Load } from './lib/Load.mjs';
import { fillDisk } from './lib/fillDisk.mjs';
import { settledCount, untilCounted } from './lib/counting.mjs';

export const title = 'The disk with the database and the logs is full';
/** The data folder of this drill is a small disk of its own. */
export const needs = { diskMebibytes: 700 };

export async function run({ stack, invariants, key, smoke }) {
  const before = await settledCount(stack);
  const load = new Load({ urls: [stack.dataPlane.url], key }).start();
  await sleep(2_000);
  const ballast = path.join(dataDirectory, 'ballast');
  fillDisk(dataDirectory, ballast);
  const seconds = smoke ? 10 : 60;
  invariants.say(`the disk is full for ${seconds} s`);
  await sleep(seconds * 1_000);
  const whileFull = load.count(200);
  await sleep(2_000);
  invariants.check(
    'the data plane goes on answering while the disk is full',
    load.count(200) > whileFull,
    `${load.count(200)} answered, ${load.lost.length} lost`,
  );
  unlinkSync(ballast);
  invariants.say('there is room again');
  await stack.controlPlane.untilReady();
  await sleep(5_000);
  await load.stop();
  invariants.check(
    'no request is lost',
    load.lost.length === 0 && load.answered === load.count(200),
    `${load.answered} answered, ${load.lost.length} lost`,
  );
  const answered = load.count(200);
  const counted = await untilCounted(stack, { before, expected: answered });
  invariants.check(
    'every answered request is counted once when there is room again',
    counted === answered,
    `${answered} answered, ${counted} counted`,
  );
}
