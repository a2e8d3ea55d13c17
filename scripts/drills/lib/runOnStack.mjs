// @ts-check
import { bold, fail } from '../../lib/output.mjs';
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
  const stack = await DrillStack.start(
    combineNeeds([{ smoke }, ...drills.map(({ needs = {} }) => needs)]),
  );
  process.once('SIGTERM', () => stack.stop().finally(() => process.exit(1)));
  try {
    // Without the demo there is no traffic.
    const key = readTrafficKey()?.secret;
    for (const { title, run } of drills) {
      console.log(bold(`\n${title}`));
      await run({ stack, invariants, key, smoke });
    }
  } finally {
    const { held, broken } = invariants;
    process.send?.({ held, broken });
    await stack.stop();
  }
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
