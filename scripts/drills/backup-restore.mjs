// @ts-check
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { backUp } from '../backup/backUp.mjs';
import { restore } from '../backup/restore.mjs';
import { dataDirectory } from '../lib/paths.mjs';
import { loadSecrets } from '../lib/secrets.mjs';
import { countedAnswers } from './lib/counting.mjs';
import { Load } from './lib/Load.mjs';

export const title =
  'Everything is backed up under load, lost, and restored into an empty folder';

/** Of processes that run, and of the drill itself. */
const NOT_LOST = ['logs', 'run'];

export async function run({ stack, invariants, key, smoke }) {
  const target = path.join(path.dirname(dataDirectory), 'backup');
  const load = new Load({ urls: [stack.dataPlane.url], key }).start();
  await sleep(smoke ? 2_000 : 10_000);
  const wanted = await stateOf(stack);
  const counted = await countedAnswers(stack);
  const startedAt = Date.now();
  const { files, bytes } = await backUp({
    dataDirectory,
    target,
    password: loadSecrets().database,
  });
  const countedAfter = await countedAnswers(stack);
  invariants.say(
    `backed up ${files} files, ${(bytes / 2 ** 20).toFixed(0)} MiB, in ${(
      (Date.now() - startedAt) /
      1_000
    ).toFixed(1)} s`,
  );
  await load.stop();
  invariants.check(
    'callers notice nothing of a backup',
    load.lost.length === 0 && load.count(200) === load.answered,
    `${load.answered} answered`,
  );

  await stack.stop();
  loseEverything();
  await restore({ source: target, dataDirectory });
  await stack.startDatabase();
  const countedThen = await countedAnswers(stack);
  invariants.check(
    'what was counted is as it was at one moment of the backup',
    countedThen >= counted && countedThen <= countedAfter,
    `${counted} before, ${countedThen} restored, ${countedAfter} after`,
  );
  await stack.controlPlane.start();
  stack.dataPlane.launch();
  await stack.dataPlane.untilReady();
  const restored = await stateOf(stack);
  invariants.check(
    'models, versions, aliases, promotions and Git are as they were',
    JSON.stringify(restored) === JSON.stringify(wanted),
    `${restored.models.length} models, main at ${restored.main.slice(0, 8)}`,
  );
  const again = new Load({ urls: [stack.dataPlane.url], key }).start();
  await sleep(1_000);
  await again.stop();
  invariants.check(
    'keys of before open the same models',
    again.lost.length === 0 && again.count(200) === again.answered,
    `${again.answered} answered`,
  );
  rmSync(target, { recursive: true });
}

/** What has to be there again. */
async function stateOf(stack) {
  const portal = stack.as('ada');
  const { items } = await portal.insist('/ai-registry/models?limit=200');
  const promotions = await stack.query(
    'select id, phase from "ai-registry".promotions order by id',
  );
  return {
    models: items.map(({ name, latestVersion, aliases }) => ({
      name,
      latestVersion,
      aliases: aliases
        .map(({ alias, version }) => `${alias}=${version}`)
        .sort(),
    })),
    promotions,
    main: String(
      execFileSync('git', [
        '-C',
        stack.environmentsRepository,
        'rev-parse',
        'main',
      ]),
    ).trim(),
  };
}

function loseEverything() {
  const lost = path.join(dataDirectory, 'lost');
  mkdirSync(lost);
  for (const name of readdirSync(dataDirectory)) {
    if (name === 'lost' || NOT_LOST.includes(name)) continue;
    renameSync(path.join(dataDirectory, name), path.join(lost, name));
  }
}
