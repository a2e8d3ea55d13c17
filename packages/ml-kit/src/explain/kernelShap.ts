import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { invertMatrix } from '../numerics/solveLinear';
import { createRandom, nextUniform, shuffle } from '../random/random';
import type { RandomState } from '../random/random';
import { createGame, explanationOf } from './coalitions';
import type { Coalition } from './coalitions';
import type { Explanation, ShapleyOptions } from './types';

export interface KernelShapOptions extends ShapleyOptions {
  /** Coalitions asked for, at least 2; all of them when there are no more. Default 2048. */
  coalitions?: number;
  /** Default 1. */
  seed?: number;
}

/** Coalition and the weight of its squared error. */
interface Sample {
  coalition: Coalition;
  weight: number;
  /** Of a drawn one: the pair of complements, and how often that was drawn. Absent for those that are certain. */
  drawn?: { pair: number; times: number };
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

/** Kernel weight of all coalitions of a size together. */
function weightOfSize(n: number, size: number): number {
  return (n - 1) / (size * (n - size));
}

/** Every coalition of the given size. */
function coalitionsOfSize(n: number, size: number): Coalition[] {
  const chosen = Array.from({ length: size }, (_, i) => i);
  const found: Coalition[] = [];
  for (;;) {
    const coalition = new Uint8Array(n);
    for (const player of chosen) coalition[player] = 1;
    found.push(coalition);
    let at = size - 1;
    while (at >= 0 && chosen[at] === n - size + at) at--;
    if (at < 0) return found;
    chosen[at]++;
    for (let i = at + 1; i < size; i++) chosen[i] = chosen[i - 1] + 1;
  }
}

/**
 * Coalitions for a budget: sizes from both ends inwards are taken whole as long as the kernel would spend as much
 * on them anyway, because few coalitions carry much of the weight there; the rest of the budget is drawn.
 */
function chooseSamples(random: RandomState, n: number, budget: number) {
  const samples: Sample[] = [];
  const sizes = Array.from({ length: Math.floor(n / 2) }, (_, i) => i + 1);
  const weightOf = (size: number) =>
    weightOfSize(n, size) * (2 * size === n ? 1 : 2);
  let left = budget;
  while (sizes.length > 0) {
    const [size] = sizes;
    const count = choose(n, size) * (2 * size === n ? 1 : 2);
    const rest = sizes.reduce((sum, other) => sum + weightOf(other), 0);
    if (count > (left * weightOf(size)) / rest + 1e-9) break;
    for (const whole of new Set([size, n - size])) {
      const weight = weightOfSize(n, whole) / choose(n, whole);
      for (const coalition of coalitionsOfSize(n, whole)) {
        samples.push({ coalition, weight });
      }
    }
    left -= count;
    sizes.shift();
  }
  if (sizes.length > 0) {
    samples.push(...drawSamples(random, n, sizes, Math.floor(left / 2)));
  }
  return samples;
}

/** Draws for each pair of complements until as many different ones are found, at most. */
const MOST_DRAWS = 4;

/** Pairs of complementary coalitions of the given sizes, drawn by the kernel. One that is drawn again weighs more and costs nothing. */
function drawSamples(
  random: RandomState,
  n: number,
  smaller: number[],
  pairs: number,
): Sample[] {
  const sizes = [...new Set(smaller.flatMap(size => [size, n - size]))];
  const total = sizes.reduce((sum, size) => sum + weightOfSize(n, size), 0);
  const order = Array.from({ length: n }, (_, i) => i);
  const found = new Map<string, { coalition: Coalition; times: number }>();
  let draws = 0;
  while (found.size < pairs && draws < MOST_DRAWS * pairs) {
    let rest = nextUniform(random) * total;
    let at = 0;
    while (at < sizes.length - 1 && rest >= weightOfSize(n, sizes[at])) {
      rest -= weightOfSize(n, sizes[at++]);
    }
    const coalition = new Uint8Array(n);
    for (const player of shuffle(random, order).slice(0, sizes[at])) {
      coalition[player] = 1;
    }
    // A pair goes by the one that has the first player.
    const named = coalition[0] === 1 ? coalition : complementOf(coalition);
    const key = named.join('');
    const known = found.get(key);
    if (known) known.times++;
    else found.set(key, { coalition: named, times: 1 });
    draws++;
  }
  return [...found.values()].flatMap(({ coalition, times }, pair) =>
    [coalition, complementOf(coalition)].map(part => ({
      coalition: part,
      weight: (total * times) / (2 * draws),
      drawn: { pair, times },
    })),
  );
}

function complementOf(coalition: Coalition): Coalition {
  return coalition.map(bit => 1 - bit);
}

/**
 * Weighted least squares of the payoffs on presence, with the sum of values fixed
 * to what is to be explained (the last player is eliminated). The errors are the
 * sandwich estimate over the drawn pairs.
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
  return {
    values: [...head, last],
    errors: errorsOf(samples, i => {
      const x = regressors[i];
      const fitted = head.reduce((sum, value, p) => sum + value * x[p], 0);
      const residual = samples[i].weight * (targets[i] - fitted);
      const change = inverted.map(
        row => residual * row.reduce((sum, value, p) => sum + value * x[p], 0),
      );
      return [...change, -change.reduce((sum, value) => sum + value, 0)];
    }),
  };
}

/** Standard errors from how much the drawn pairs differ in what they add to each value; those that are certain add none. */
function errorsOf(
  samples: Sample[],
  influenceOf: (sample: number) => number[],
): number[] {
  const n = samples[0].coalition.length;
  const pairs: { times: number; influence: Float64Array }[] = [];
  samples.forEach(({ drawn }, i) => {
    if (!drawn) return;
    const { pair, times } = drawn;
    pairs[pair] ??= { times, influence: new Float64Array(n) };
    influenceOf(i).forEach((value, p) => {
      pairs[pair].influence[p] += value;
    });
  });
  const draws = pairs.reduce((sum, { times }) => sum + times, 0);
  if (draws === 0) return new Array<number>(n).fill(0);
  // Small-sample correction: what is certain already determines all values, else they use up as many draws.
  const used = pairs.length * 2 < samples.length ? 1 : n;
  const correction = draws > used ? draws / (draws - used) : Infinity;
  return Array.from({ length: n }, (_, p) => {
    const mean =
      pairs.reduce((sum, { influence }) => sum + influence[p], 0) / draws;
    const squares = pairs.reduce(
      (sum, { influence, times }) =>
        sum + times * (influence[p] / times - mean) ** 2,
      0,
    );
    return Math.sqrt(squares * correction);
  });
}

/**
 * Shapley values by weighted regression over coalitions. Exact when all 2^groups - 2
 * coalitions fit into `coalitions`; otherwise the smallest and largest ones are all asked for as far as the kernel weighs them, and the
 * others drawn in complementary pairs, as `shap` does. Always additive, with standard errors.
 *
 * No feature is left out to make the answer sparse. Asks for coalitions * background rows.
 * The same seed gives the same explanation. Domain: with sampling, at least 2 groups coalitions, which take all single groups and their complements; with fewer the errors are Infinity or it throws
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
  const samples = chooseSamples(createRandom(seed), n, coalitions);
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
