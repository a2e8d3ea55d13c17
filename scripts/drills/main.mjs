// @ts-check
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bold, dim, fail, UserError } from '../lib/output.mjs';
import { Invariants } from './lib/Invariants.mjs';

const NAMES = [
  'stop-data-plane',
  'database-down',
  'control-plane-away',
  'promotion-killed',
  'restarts',
  'backup-restore',
  'two-control-planes',
  'disk-full',
  'live-rollouts',
  'training-killed',
  'retraining',
  'training-cluster',
  'training-failures',
  'training-disk-full',
  'promotions-on-github',
  'kubernetes',
];
/** They break nothing, and need no stack. */
const WITHOUT_STACK = {
  rollouts: './rollouts/simulate.mjs',
  'adaptive-shares': './rollouts/regret.mjs',
  'large-model': './large-model/main.mjs',
  'serving-processes': './serving-processes/main.mjs',
};
/** Those that share one stack and take seconds: they run with all tests. */
const SMOKE_NAMES = [
  'stop-data-plane',
  'database-down',
  'promotion-killed',
  'control-plane-away',
  'live-rollouts',
  'training-killed',
  'retraining',
  // Last: it begins again with what it has saved.
  'backup-restore',
];
/** Those that run with all tests, too, and need a stack that is set up otherwise. */
const SMOKE_ALONE = [
  'promotions-on-github',
  'training-cluster',
  'training-failures',
];

/**
 * Runs drills, each on a stack of its own, and fails when an invariant breaks:
 *
 *     npm run drill -- promotion-killed       one, or several
 *     npm run drill                           all, about two hours
 *     npm run drill -- --smoke                some of them in seconds, on two stacks
 */
async function main() {
  const args = process.argv.slice(2);
  const smoke = args.includes('--smoke');
  const asked = args.filter(arg => arg !== '--smoke');
  const all = [...NAMES, ...Object.keys(WITHOUT_STACK)];
  const unknown = asked.find(name => !all.includes(name));
  if (unknown) {
    throw new UserError(
      `There is no drill \`${unknown}\`; there are ${all.join(', ')}.`,
    );
  }
  const chosen = asked.length > 0 ? asked : all;
  const onStack = chosen.filter(name => NAMES.includes(name));
  const chosenSmoke =
    asked.length > 0 ? onStack : [...SMOKE_NAMES, ...SMOKE_ALONE];
  const alone = chosenSmoke.filter(name => SMOKE_ALONE.includes(name));
  const together = chosenSmoke.filter(name => !SMOKE_ALONE.includes(name));
  const runs = smoke
    ? [together, ...alone.map(name => [name])]
    : onStack.map(name => [name]);
  const totals = { held: 0, broken: 0 };
  for (const name of chosen.filter(each => WITHOUT_STACK[each])) {
    const { held, broken } = await runWithoutStack(name, smoke);
    totals.held += held;
    totals.broken += broken;
  }
  for (const names of runs.filter(each => each.length > 0)) {
    const { held, broken } = await runOnStack(names, smoke);
    totals.held += held;
    totals.broken += broken;
  }
  console.log(`\n${totals.held} passed, ${totals.broken} failed`);
  process.exit(totals.broken > 0 ? 1 : 0);
}

async function runWithoutStack(name, smoke) {
  const { title, run } = await import(WITHOUT_STACK[name]);
  console.log(bold(`\n${title}`));
  const invariants = new Invariants();
  const startedAt = Date.now();
  await run({ invariants, smoke });
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  console.log(dim(`  … took ${seconds} s`));
  return invariants;
}

/** In a process of its own, since the data folder is a setting of the whole process. */
async function runOnStack(names, smoke) {
  const drills = await Promise.all(names.map(name => import(`./${name}.mjs`)));
  const folder = makeFolder(Object.assign({}, ...drills.map(d => d.needs)));
  const child = fork(
    fileURLToPath(new URL('lib/runOnStack.mjs', import.meta.url)),
    [...(smoke ? ['--smoke'] : []), ...names],
    {
      env: {
        ...process.env,
        GREENROOM_DATA_DIR: path.join(folder.path, 'data'),
      },
    },
  );
  process.once('SIGTERM', () => child.kill('SIGTERM'));
  let result = { held: 0, broken: 1 };
  child.once('message', message => Object.assign(result, message));
  const [code] = await once(child, 'exit');
  folder.remove();
  // A drill that could not be played to its end has not held.
  return code === 0 ? result : { ...result, broken: result.broken + 1 };
}

function makeFolder({ diskMebibytes }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenroom-drill-'));
  chmodSync(folder, 0o755);
  if (diskMebibytes !== undefined) mountDisk(folder, diskMebibytes);
  return {
    path: folder,
    remove() {
      if (process.env.GREENROOM_DRILL_KEEP) {
        console.log(dim(`  Data and logs are kept in ${folder}`));
        return;
      }
      if (diskMebibytes !== undefined)
        execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mountDisk(folder, mebibytes) {
  try {
    execFileSync('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${mebibytes}m,mode=755`,
      'greenroom-drill',
      folder,
    ]);
  } catch {
    throw new UserError(
      'This drill fills a small disk, and only root on Linux can make one (mount -t tmpfs): run it as root.',
    );
  }
}

console.log(bold('\nGreenroom drills'));
main().catch(fail);
