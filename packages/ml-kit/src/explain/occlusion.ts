import { createGame, explanationOf } from './coalitions';
import type { Explanation, ShapleyOptions } from './types';

/**
 * What each group is worth on its own: the prediction less the mean prediction with only that
 * group replaced by the background. For a map of an image, whose patches are the groups.
 *
 * Unlike Shapley values they do not add up to the prediction: `additivityError` says by how much
 * they miss it, and what two groups tell alike shows in neither. Deterministic. Asks for
 * (groups + 2) * background rows.
 * Throws InvalidArgumentError when shapes do not agree.
 * Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, ECCV 2014.
 */
export async function occlusion(options: ShapleyOptions): Promise<Explanation> {
  const game = createGame(options);
  const n = game.players.length;
  const without = Array.from({ length: n }, (_, player) =>
    Uint8Array.from({ length: n }, (_unused, p) => (p === player ? 0 : 1)),
  );
  const [base, full, ...others] = await game.valuesOf([
    new Uint8Array(n),
    new Uint8Array(n).fill(1),
    ...without,
  ]);
  return explanationOf(game, {
    method: 'occlusion',
    baseValue: base,
    prediction: full,
    playerValues: others.map(value => full - value),
  });
}
