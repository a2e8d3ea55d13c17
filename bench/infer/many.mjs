// @ts-check
import { loadModels } from './models.mjs';
import { best, medianRatio, takeTurns } from './rounds.mjs';
import { describeMachine, restSide, say, Stage } from './sides.mjs';

const MODELS = 1_000;

/** One process with a thousand small models, called in turn, beside one with a single model. */
export async function measureMany({
  seconds = 2,
  rounds = 7,
  warmUpSeconds = 2,
  count = MODELS,
}) {
  const stage = new Stage();
  try {
    const [digits] = await loadModels();
    const one = { hasSecondVersion: false };
    const many = Array.from({ length: count }, (_, i) => ({
      ...digits,
      model: `digits-${i}`,
    }));
    const startedMillis = performance.now();
    const large = await stage.dataPlane({ models: many, ...one });
    const loadedMillis = performance.now() - startedMillis;
    const small = await stage.dataPlane({ models: [digits], ...one });
    say(
      `${describeMachine()}; ${rounds} rounds of ${seconds} s by turns; ${count} models were ready after ${(
        loadedMillis / 1_000
      ).toFixed(1)} s`,
    );
    const ofMany = restSide('many', large, many[0]);
    const paths = many.map(({ model }) => `/v2/models/${model}/infer`);
    const results = await takeTurns(
      [
        restSide('one', small, digits),
        restSide('one of many', large, many[count >> 1]),
        { ...ofMany, options: { ...ofMany.options, paths } },
      ],
      { seconds, rounds, warmUpSeconds },
    );
    for (const [name, all] of Object.entries(results)) {
      const { perSecond, cpuMicros } = best(all);
      const ratio = medianRatio(all, results.one);
      say(
        `${name}: ${perSecond} req/s, ${cpuMicros.toFixed(
          1,
        )} us of CPU a request, ${ratio.toFixed(2)} times that of one alone`,
      );
    }
    return results;
  } finally {
    await stage.end();
  }
}
