// @ts-check
import { bold, dim, fail } from '../../lib/output.mjs';
import { readTrafficKey } from '../../demo/trafficKey.mjs';
import { DrillStack } from './DrillStack.mjs';
import { Invariants } from './Invariants.mjs';

/**
 * Runs drills one after the other on one stack: `runOnStack.mjs [--smoke] NAME...`, with the data
 * folder in GREENROOM_DATA_DIR. Tells its parent how many invariants held.
 */
async function main() {
  const args = process.argv.slice(2);
  const smoke = args.includes('--smoke');
  const drills = [];
  for (const name of args.filter(arg => arg !== '--smoke')) {
    drills.push(await import(`../${name}.mjs`));
  }
  const invariants = new Invariants();
  console.log('\n  Starting a stack for the drill');
  const beganAt = Date.now();
  const stack = await DrillStack.start(
    combineNeeds([{ smoke }, ...drills.map(({ needs = {} }) => needs)]),
  );
  console.log(dim(`  … it took ${secondsSince(beganAt)} s to start`));
  process.once('SIGTERM', () => stack.stop().finally(() => process.exit(1)));
  try {
    // Without the demo there is no traffic.
    const key = readTrafficKey()?.secret;
    for (const { title, run } of drills) {
      console.log(bold(`\n${title}`));
      const startedAt = Date.now();
      await run({ stack, invariants, key, smoke });
      console.log(dim(`  … took ${secondsSince(startedAt)} s`));
    }
  } finally {
    const { held, broken } = invariants;
    process.send?.({ held, broken });
    await stack.stop();
  }
}

function secondsSince(millis) {
  return Math.round((Date.now() - millis) / 1_000);
}

/** Of what several say of the same, the last one counts; lists have what all say. */
function combineNeeds(all) {
  const combined = {};
  for (const [name, value] of all.flatMap(Object.entries)) {
    combined[name] = Array.isArray(value)
      ? [...(combined[name] ?? []), ...value]
      : value;
  }
  return combined;
}

main().then(() => process.exit(0), fail);
