import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { coalitionOfMask, createGame, explanationOf } from './coalitions';
import type { Explanation, ShapleyOptions } from './types';

/** Groups beyond which the 2^groups coalitions are refused. */
export const MAX_EXACT_GROUPS = 16;

/** |S|! (n - |S| - 1)! / n! for |S| = 0 to n - 1. */
function shapleyWeights(n: number): Float64Array {
  const weights = new Float64Array(n);
  let choose = 1;
  for (let size = 0; size < n; size++) {
    weights[size] = 1 / (n * choose);
    choose = (choose * (n - 1 - size)) / (size + 1);
  }
  return weights;
}

/** Shapley values of a game by its payoff of every coalition; entry `mask` is the one whose players are the set bits. O(n 2^n). */
export function shapleyValuesOfGame(payoffs: ArrayLike<number>): Float64Array {
  const n = Math.log2(payoffs.length);
  if (!Number.isInteger(n)) {
    throw new InvalidArgumentError(
      `Expected the payoff of each of the 2^n coalitions, got ${payoffs.length}`,
    );
  }
  const weights = shapleyWeights(n);
  const values = new Float64Array(n);
  for (let mask = 0; mask < payoffs.length; mask++) {
    let size = 0;
    for (let rest = mask; rest > 0; rest &= rest - 1) size++;
    if (size === n) break;
    const weight = weights[size];
    for (let player = 0; player < n; player++) {
      const bit = 1 << player;
      if (mask & bit) continue;
      values[player] += weight * (payoffs[mask | bit] - payoffs[mask]);
    }
  }
  return values;
}

/**
 * Exact Shapley values of one prediction: the mean over all orders of what a group
 * adds when it replaces the background's values (interventional value function).
 *
 * Asks for 2^groups * background rows; groups equal to the whole background are left
 * out first. For up to 12 groups fast, 16 at most (throws InvalidArgumentError beyond).
 * Source: Shapley (1953); Lundberg and Lee, NIPS 2017.
 */
export async function exactShapley(
  options: ShapleyOptions,
): Promise<Explanation> {
  const game = createGame(options);
  const n = game.players.length;
  if (n > MAX_EXACT_GROUPS) {
    throw new InvalidArgumentError(
      `${n} groups have 2^${n} coalitions; exact values are for up to ${MAX_EXACT_GROUPS} groups, use permutationShapley`,
    );
  }
  const coalitions = Array.from({ length: 2 ** n }, (_, mask) =>
    coalitionOfMask(mask, n),
  );
  const payoffs = await game.valuesOf(coalitions);
  return explanationOf(game, {
    method: 'exact',
    baseValue: payoffs[0],
    prediction: payoffs[payoffs.length - 1],
    playerValues: shapleyValuesOfGame(payoffs),
  });
}
