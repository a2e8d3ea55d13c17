import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { createRandom, shuffle } from '../random/random';
import { assertRowLengths } from './assertRowLengths';
import { predictRows } from './coalitions';
import type { Predict } from './types';

export interface PermutationImportanceOptions {
  predict: Predict;
  /** Shape [rows, features]; rows that the model was not trained on. */
  rows: readonly ArrayLike<number>[];
  /** Quality of predictions for all rows, higher is better: turn the sign of a loss. */
  score(predictions: Float64Array): number;
  /** Features that are shuffled together. Default each one alone. */
  groups?: readonly (readonly number[])[];
  /** Shuffles a group, 1 or more, default 5. */
  repeats?: number;
  /** Default 1. */
  seed?: number;
  /** Most rows of one call of predict, default 8192. */
  batchRows?: number;
  signal?: AbortSignal;
}

export interface PermutationImportance {
  /** Score of the untouched rows. */
  score: number;
  /** Mean loss of score when the group is shuffled, one a group. Near 0 (also below): the model does not need it. */
  importances: number[];
  /** Over the repeats; 0 for a single one. */
  standardErrors: number[];
}

/**
 * How much worse a model gets when a feature is shuffled between rows, which keeps
 * its distribution and breaks its relation to everything else.
 *
 * What correlated features share is seen in none of them: group them. Asks for
 * rows * (1 + groups * repeats). The same seed gives the same answer.
 * Throws InvalidArgumentError without rows, for rows of different lengths, groups of features that there are not, and
 * unless repeats and batchRows are integers of at least 1. Source: Breiman, Random Forests (2001); Fisher, Rudin and Dominici, JMLR 20 (2019).
 */
export async function permutationImportance(
  options: PermutationImportanceOptions,
): Promise<PermutationImportance> {
  const { rows, score, repeats = 5, seed = 1 } = options;
  if (rows.length === 0) {
    throw new InvalidArgumentError('There are no rows, expected at least one');
  }
  const features = rows[0].length;
  assertRowLengths('Row', rows, features);
  assertIntegerAtLeast('repeats', repeats, 1);
  const groups =
    options.groups ?? Array.from({ length: features }, (_, f) => [f]);
  for (const f of groups.flat()) {
    if (!(Number.isInteger(f) && f >= 0 && f < features)) {
      throw new InvalidArgumentError(
        `The groups hold feature ${f}, expected 0 to ${features - 1}`,
      );
    }
  }
  const predictions = new Float64Array(rows.length);
  const scoreWith = async (group: readonly number[], order: number[]) => {
    await predictRows(
      { ...options, features },
      rows.length,
      (row, values, offset) => {
        values.set(rows[row], offset);
        for (const f of group) values[offset + f] = rows[order[row]][f];
      },
      (row, prediction) => {
        predictions[row] = prediction;
      },
    );
    return score(predictions);
  };
  const order = rows.map((_, i) => i);
  const whole = await scoreWith([], order);
  const random = createRandom(seed);
  const importances: number[] = [];
  const standardErrors: number[] = [];
  for (const group of groups) {
    const losses: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      losses.push(whole - (await scoreWith(group, shuffle(random, order))));
    }
    const mean = losses.reduce((a, b) => a + b, 0) / repeats;
    const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
    importances.push(mean);
    standardErrors.push(
      repeats > 1 ? Math.sqrt(squares / (repeats - 1) / repeats) : 0,
    );
  }
  return { score: whole, importances, standardErrors };
}
