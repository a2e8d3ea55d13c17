import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { invertMatrix } from '../numerics/solveLinear';
import { createRandom, nextUniform, shuffle } from '../random/random';
import type { RandomState } from '../random/random';
import { coalitionOfMask, createGame, explanationOf } from './coalitions';
import type { Coalition } from './coalitions';
import type { Explanation, ShapleyOptions } from './types';

export interface KernelShapOptions extends ShapleyOptions {
  /** Coalitions asked for, at least 2; all of them when there are no more. Default 2048. */
  coalitions?: number;
  /** Default 1. */
  seed?: number;
}

/** Coalition, the weight of its squared error, and the pair it was drawn in. */
interface Sample {
  coalition: Coalition;
  weight: number;
  pair: number;
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

/** Every coalition but the empty and the full one, with the Shapley kernel as weight. */
function allSamples(n: number): Sample[] {
  return Array.from({ length: 2 ** n - 2 }, (_, i) => {
    const coalition = coalitionOfMask(i + 1, n);
    const size = coalition.reduce((sum, bit) => sum + bit, 0);
    return {
      coalition,
      weight: (n - 1) / (choose(n, size) * size * (n - size)),
      pair: i,
    };
  });
}

/** Coalitions drawn by the kernel, each with its complement: drawn as often as they weigh, so all weigh the same. */
function drawSamples(random: RandomState, n: number, count: number): Sample[] {
  const sizes = Array.from(
    { length: n - 1 },
    (_, i) => (n - 1) / ((i + 1) * (n - i - 1)),
  );
  const total = sizes.reduce((a, b) => a + b, 0);
  const order = Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: Math.floor(count / 2) }, (_, pair) => {
    let left = nextUniform(random) * total;
    let size = 0;
    while (size < sizes.length - 1 && left >= sizes[size]) {
      left -= sizes[size++];
    }
    const coalition = new Uint8Array(n);
    for (const player of shuffle(random, order).slice(0, size + 1)) {
      coalition[player] = 1;
    }
    return [coalition, coalition.map(bit => 1 - bit)].map(part => ({
      coalition: part,
      weight: 1,
      pair,
    }));
  }).flat();
}

/**
 * Weighted least squares of the payoffs on presence, with the sum of values fixed
 * to what is to be explained (the last player is eliminated). The errors are the
 * sandwich estimate, clustered by pair.
 */
function regress(samples: Sample[], excess: Float64Array, explained: number) {
  const n = samples[0].coalition.length;
  const k = n - 1;
  const regressors = samples.map(({ coalition }) =>
    Float64Array.from({ length: k }, (_, p) => coalition[p] - coalition[k]),
  );
  const targets = samples.map(
    ({ coalition }, i) => excess[i] - coalition[k] * explained,
  );
  const normal = Array.from({ length: k }, () => new Float64Array(k));
  const right = new Float64Array(k);
  samples.forEach(({ weight }, i) => {
    const x = regressors[i];
    for (let a = 0; a < k; a++) {
      right[a] += weight * x[a] * targets[i];
      for (let b = 0; b < k; b++) normal[a][b] += weight * x[a] * x[b];
    }
  });
  const inverted = invertMatrix(normal);
  const head = inverted.map(row =>
    row.reduce((sum, value, i) => sum + value * right[i], 0),
  );
  const last = head.reduce((rest, value) => rest - value, explained);
  const scores = new Map<number, Float64Array>();
  samples.forEach(({ weight, pair }, i) => {
    const x = regressors[i];
    const fitted = head.reduce((sum, value, p) => sum + value * x[p], 0);
    const score = scores.get(pair) ?? new Float64Array(k);
    x.forEach((value, p) => {
      score[p] += weight * value * (targets[i] - fitted);
    });
    scores.set(pair, score);
  });
  const variances = new Float64Array(n);
  scores.forEach(score => {
    let sum = 0;
    inverted.forEach((row, p) => {
      const influence = row.reduce((s, value, i) => s + value * score[i], 0);
      variances[p] += influence ** 2;
      sum += influence;
    });
    variances[k] += sum ** 2;
  });
  // Small-sample correction of a clustered sandwich.
  const clusters = scores.size;
  const correction = clusters > n ? clusters / (clusters - n) : Infinity;
  return {
    values: [...head, last],
    errors: variances.map(variance => Math.sqrt(variance * correction)),
  };
}

/**
 * Shapley values by weighted regression over coalitions. Exact when all 2^groups - 2
 * coalitions fit into `coalitions`; otherwise drawn in complementary pairs, always additive, with standard errors.
 *
 * No feature is left out to make the answer sparse. Asks for coalitions * background rows.
 * The same seed gives the same explanation. Domain: with sampling, at least 2 (groups + 1) coalitions, else the errors are Infinity or it throws
 * InvalidArgumentError for a singular system.
 * Source: Lundberg and Lee, NIPS 2017; Covert and Lee, AISTATS 2021.
 */
export async function kernelShap(
  options: KernelShapOptions,
): Promise<Explanation> {
  const { coalitions = 2048, seed = 1 } = options;
  assertIntegerAtLeast('coalitions', coalitions, 2);
  const game = createGame(options);
  const n = game.players.length;
  const [base, full] = await game.valuesOf([
    new Uint8Array(n),
    new Uint8Array(n).fill(1),
  ]);
  const ends = { method: 'kernel', baseValue: base, prediction: full } as const;
  if (n <= 1) {
    return explanationOf(game, { ...ends, playerValues: [full - base] });
  }
  const isComplete = 2 ** n - 2 <= coalitions;
  const samples = isComplete
    ? allSamples(n)
    : drawSamples(createRandom(seed), n, coalitions);
  const payoffs = await game.valuesOf(
    samples.map(({ coalition }) => coalition),
  );
  const excess = payoffs.map(payoff => payoff - base);
  const { values, errors } = regress(samples, excess, full - base);
  return explanationOf(game, {
    ...ends,
    playerValues: values,
    ...(!isComplete && { playerErrors: errors }),
  });
}
