import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom, shuffle } from '../random/random';
import { createGame, explanationOf } from './coalitions';
import type { Coalition, Game } from './coalitions';
import { exactShapley } from './exactShapley';
import type { Explanation, ShapleyOptions } from './types';

export interface PermutationShapleyOptions extends ShapleyOptions {
  /** Pairs of an order and its reverse at most, 1 or more, default 64. The errors of a single pair are Infinity. */
  maxPairs?: number;
  /** Fewest before the stop rule applies, default 8, always 2 or more. */
  minPairs?: number;
  /** Stops when every standard error is below this share of the largest value, 0 or more, default 0.02. */
  tolerance?: number;
  /** Default 1. */
  seed?: number;
}

/** Coalitions that a walk through the players passes, without the empty and the full one. */
function walk(order: readonly number[]): Coalition[] {
  const present = new Uint8Array(order.length);
  return order.slice(0, -1).map(player => {
    present[player] = 1;
    return present.slice();
  });
}

/** What each player added along the walk. */
function contributions(
  order: readonly number[],
  payoffs: ArrayLike<number>,
  ends: { base: number; full: number },
): Float64Array {
  const added = new Float64Array(order.length);
  let before = ends.base;
  order.forEach((player, step) => {
    const after = step === order.length - 1 ? ends.full : payoffs[step];
    added[player] = after - before;
    before = after;
  });
  return added;
}

async function onePair(
  game: Game,
  order: readonly number[],
  ends: { base: number; full: number },
): Promise<Float64Array> {
  const reverse = [...order].reverse();
  const payoffs = await game.valuesOf([...walk(order), ...walk(reverse)]);
  const half = order.length - 1;
  const forward = contributions(order, payoffs.subarray(0, half), ends);
  const backward = contributions(reverse, payoffs.subarray(half), ends);
  return forward.map((value, i) => (value + backward[i]) / 2);
}

/**
 * Shapley values by random orders of the groups, each together with its reverse, which
 * cancels the interactions of pairs of groups. Unbiased, and additive after any number of pairs.
 *
 * Asks for 2 (groups - 1) * background rows a pair. The standard errors are the spread
 * over pairs divided by the root of their number. The same seed gives the same explanation.
 * Throws InvalidArgumentError for options out of range.
 * Source: Štrumbelj and Kononenko (2014); Mitchell et al., JMLR 23 (2022).
 */
export async function permutationShapley(
  options: PermutationShapleyOptions,
): Promise<Explanation> {
  const { maxPairs = 64, minPairs = 8, tolerance = 0.02, seed = 1 } = options;
  assertIntegerAtLeast('maxPairs', maxPairs, 1);
  assertIntegerAtLeast('minPairs', minPairs, 0);
  if (!(tolerance >= 0)) {
    throw new InvalidArgumentError(
      `tolerance must be a number of at least 0, got ${tolerance}`,
    );
  }
  const game = createGame(options);
  const n = game.players.length;
  const [base, full] = await game.valuesOf([
    new Uint8Array(n),
    new Uint8Array(n).fill(1),
  ]);
  const random = createRandom(seed);
  const order = game.players.map((_, i) => i);
  const means = new Float64Array(n);
  const squares = new Float64Array(n);
  let errors = new Float64Array(n);
  for (let pairs = 1; n > 0 && pairs <= maxPairs; pairs++) {
    const sample = await onePair(game, shuffle(random, order), { base, full });
    sample.forEach((value, i) => {
      const delta = value - means[i];
      means[i] += delta / pairs;
      squares[i] += delta * (value - means[i]);
    });
    errors = squares.map(sum =>
      pairs > 1 ? Math.sqrt(sum / (pairs - 1) / pairs) : Infinity,
    );
    const largest = means.reduce((m, value) => Math.max(m, Math.abs(value)), 0);
    if (n === 1) break;
    if (
      pairs >= Math.max(2, minPairs) &&
      errors.every(error => error <= tolerance * largest)
    ) {
      break;
    }
  }
  return explanationOf(game, {
    method: 'permutation',
    baseValue: base,
    prediction: full,
    playerValues: means,
    ...(n > 1 && { playerErrors: errors }),
  });
}

/** Groups up to which values are exact by default. */
export const DEFAULT_EXACT_GROUPS = 12;

/** Shapley values: exact for up to 12 groups that differ from the background, by sampled orders beyond. */
export async function explainPrediction(
  options: PermutationShapleyOptions,
): Promise<Explanation> {
  const { players } = createGame(options);
  return players.length <= DEFAULT_EXACT_GROUPS
    ? exactShapley(options)
    : permutationShapley(options);
}
