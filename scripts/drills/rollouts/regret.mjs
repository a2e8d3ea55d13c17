// @ts-check
import { bundle } from './lib/simulation.mjs';

export const title =
  'Simulated adaptive rollouts: what callers miss while the shares find the better version';

const ENTRY =
  'plugins/ai-inference-backend/src/rollouts/strategies/__testUtils__/playAdaptive.ts';
const FULL_GAMES = 500;
const SMOKE_GAMES = 20;
/** Success rates of the proven and the new version. */
const PAIRS = [
  [0.5, 0.6],
  [0.6, 0.5],
  [0.1, 0.12],
  [0.12, 0.1],
  [0.3, 0.3],
];
/** A new version as good may be served by chance, one that is worse hardly ever. */
const MOST_WRONG = 0.1;

/**
 * Plays adaptive rollouts through the code that moves their shares, with callers by chance, and
 * counts the successes that were missed against giving every caller the better version.
 *
 * @param {{ invariants: import('../lib/Invariants.mjs').Invariants, smoke: boolean }} options
 */
export async function run({ invariants, smoke }) {
  const games = smoke ? SMOKE_GAMES : FULL_GAMES;
  const { module, remove } = await bundle(ENTRY);
  try {
    for (const rates of PAIRS) {
      const results = Array.from({ length: games }, (_, seed) =>
        module.playAdaptive({
          plan: {
            strategy: 'adaptive',
            floorPercent: 5,
            metric: 'success',
            updateSeconds: 60,
            atMostSeconds: 6_000,
          },
          rates,
          callersAnUpdate: 200,
          minUnitsPerVariant: 500,
          seed: seed + 1,
        }),
      );
      report(invariants, { rates, results });
    }
  } finally {
    remove();
  }
}

function report(invariants, { rates, results }) {
  const [before, after] = rates;
  const mean = of =>
    results.reduce((sum, result) => sum + of(result), 0) / results.length;
  const share = kind =>
    results.filter(({ ended }) => ended === kind).length / results.length;
  const regret = mean(result => result.regret);
  const halves = mean(result => result.regretOfHalves);
  const what = `successes of ${percent(before)} before and ${percent(
    after,
  )} after`;
  const ends = `served ${percent(share('complete'))}, taken back ${percent(
    share('take-back'),
  )}, asked ${percent(share('ask'))}, after ${Math.round(
    mean(({ callers }) => callers),
  )} callers`;
  if (before === after) {
    invariants.say(`${what}: ${ends}; there is nothing to miss`);
    return;
  }
  const wrong = after > before ? share('take-back') : share('complete');
  invariants.check(
    `${what}: regret ${regret.toFixed(1)} successes, and ${halves.toFixed(
      1,
    )} with halves for as long`,
    regret < halves && wrong <= MOST_WRONG,
    ends,
  );
}

function percent(share) {
  return `${Number((share * 100).toFixed(1))} %`;
}
