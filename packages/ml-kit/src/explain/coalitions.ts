import { assertIntegerAtLeast } from '../numerics/assertIntegerAtLeast';
import { InvalidArgumentError } from '../numerics/InvalidArgumentError';
import { assertRowLengths } from './assertRowLengths';
import type { Explanation, Predict, ShapleyOptions } from './types';

/** Which groups are present: one byte a group, 1 for present. */
export type Coalition = Uint8Array;

/** The game that an explanation is played over: groups are players, the mean prediction with the others replaced is the payoff. */
export interface Game {
  /** Groups that differ from the background somewhere: the others cannot matter, and their value is 0. */
  players: number[];
  groups: readonly (readonly number[])[];
  /** Mean prediction for each coalition of players. */
  valuesOf(coalitions: readonly Coalition[]): Promise<Float64Array>;
  /** Rows that the model was asked for so far. */
  evaluations(): number;
}

function assertShapes(options: ShapleyOptions): void {
  const { instance, background, groups } = options;
  const d = instance.length;
  if (background.length === 0) {
    throw new InvalidArgumentError(
      'The background has no rows, expected at least one',
    );
  }
  assertRowLengths('Background row', background, d);
  const uses = new Array<number>(d).fill(0);
  for (const group of groups ?? []) {
    for (const feature of group) uses[feature] = (uses[feature] ?? 0) + 1;
  }
  if (groups && (uses.length !== d || uses.some(count => count !== 1))) {
    throw new InvalidArgumentError(
      `The groups must hold every feature from 0 to ${d - 1} exactly once`,
    );
  }
}

/** Asks the model for rows in batches, and hands each prediction to `take` in order. Throws InvalidArgumentError unless batchRows is an integer of at least 1. */
export async function predictRows(
  options: {
    predict: Predict;
    features: number;
    batchRows?: number;
    signal?: AbortSignal;
  },
  rows: number,
  fill: (row: number, values: Float64Array, offset: number) => void,
  take: (row: number, prediction: number) => void,
): Promise<void> {
  const { predict, features, batchRows = 8192, signal } = options;
  assertIntegerAtLeast('batchRows', batchRows, 1);
  const values = new Float64Array(Math.min(rows, batchRows) * features);
  for (let start = 0; start < rows; start += batchRows) {
    signal?.throwIfAborted();
    const count = Math.min(batchRows, rows - start);
    for (let i = 0; i < count; i++) fill(start + i, values, i * features);
    const predictions = await predict({
      rows: count,
      features,
      values: values.subarray(0, count * features),
    });
    if (predictions.length !== count) {
      throw new InvalidArgumentError(
        `predict returned ${predictions.length} numbers for ${count} rows, expected one a row`,
      );
    }
    for (let i = 0; i < count; i++) take(start + i, predictions[i]);
  }
}

/** Throws InvalidArgumentError when shapes do not agree. */
export function createGame(options: ShapleyOptions): Game {
  assertShapes(options);
  const { instance, background } = options;
  const d = instance.length;
  const groups = options.groups ?? Array.from({ length: d }, (_, i) => [i]);
  const players = groups.flatMap((group, i) =>
    background.some(row => group.some(f => !Object.is(row[f], instance[f])))
      ? [i]
      : [],
  );
  let evaluated = 0;
  const valuesOf = async (coalitions: readonly Coalition[]) => {
    const sums = new Float64Array(coalitions.length);
    const size = background.length;
    evaluated += coalitions.length * size;
    await predictRows(
      { ...options, features: d },
      coalitions.length * size,
      (row, values, offset) => {
        values.set(background[row % size], offset);
        const coalition = coalitions[Math.floor(row / size)];
        for (let p = 0; p < players.length; p++) {
          if (coalition[p] === 0) continue;
          for (const feature of groups[players[p]]) {
            values[offset + feature] = instance[feature];
          }
        }
      },
      (row, prediction) => {
        sums[Math.floor(row / size)] += prediction / size;
      },
    );
    return sums;
  };
  return { players, groups, valuesOf, evaluations: () => evaluated };
}

/** The coalition of a bit mask: player p is present when bit p is set. */
export function coalitionOfMask(mask: number, players: number): Coalition {
  return Uint8Array.from({ length: players }, (_, p) => (mask >>> p) & 1);
}

/** Least standard error of a sampled value, as a share of the scale: a smaller one would claim more than doubles can tell. */
const ROUNDING = 16 * Number.EPSILON;

/** Puts the values of the players where their groups are, and 0 elsewhere. */
export function explanationOf(
  game: Game,
  result: {
    method: Explanation['method'];
    baseValue: number;
    prediction: number;
    playerValues: ArrayLike<number>;
    playerErrors?: ArrayLike<number>;
  },
): Explanation {
  const { method, baseValue, prediction, playerValues, playerErrors } = result;
  const values = game.groups.map(() => 0);
  const standardErrors = game.groups.map(() => 0);
  const scale = Math.max(
    Math.abs(baseValue),
    Math.abs(prediction),
    ...Array.from(playerValues, Math.abs),
  );
  game.players.forEach((group, p) => {
    values[group] = playerValues[p];
    if (playerErrors) {
      standardErrors[group] = Math.max(playerErrors[p], ROUNDING * scale);
    }
  });
  const total = values.reduce((sum, value) => sum + value, baseValue);
  return {
    method,
    baseValue,
    prediction,
    values,
    standardErrors,
    additivityError: Math.abs(total - prediction),
    evaluations: game.evaluations(),
  };
}
