import type { Rehearsal } from '../../trials/TrialRunner';
import type { ConversionFile } from './conversionFile';

/**
 * Of two numbers that count as equal, as the converter has them. What its file says is not taken: whoever wrote that may have
 * written any.
 */
const RELATIVE = 1e-4;
const ABSOLUTE = 1e-5;

export type ComparedAnswers =
  | {
      outcome: 'equal' | 'different';
      rows: number;
      differing: number;
      largestDifference: number;
      withScores: boolean;
    }
  | { outcome: 'not-checked'; reason: string };

/**
 * Holds what a runtime says of rows against what the model has said of them.
 *
 * @param said - of the rows of the example, in their order
 */
export function compareAnswers(
  example: NonNullable<ConversionFile['example']>,
  task: 'classification' | 'regression',
  said: Rehearsal,
): ComparedAnswers {
  const { predictions } = example;
  const rows = predictions.length;
  const isLeft = predictions.some(
    (expected, row) =>
      expected !== null && (said.predictions[row] ?? null) === null,
  );
  if (isLeft) {
    return {
      outcome: 'not-checked',
      reason: said.left ?? 'not all rows were answered',
    };
  }
  const told = said.scores;
  const scores =
    example.scores && told && 'values' in told
      ? { expected: example.scores, told: told.values }
      : undefined;
  let differing = 0;
  let largestDifference = 0;
  for (let row = 0; row < rows; row += 1) {
    const pairs = [
      ...(task === 'regression'
        ? [[predictions[row], said.predictions[row]]]
        : []),
      ...(scores?.expected[row] ?? []).map((one, at) => [
        one,
        scores?.told[row]?.[at] ?? null,
      ]),
    ];
    let isEqual =
      task === 'regression' ||
      String(predictions[row]) === String(said.predictions[row]);
    for (const [expected, answer] of pairs) {
      const difference = differenceOf(expected, answer);
      const allowed = ABSOLUTE + RELATIVE * Math.abs(Number(expected));
      if (!(difference <= allowed)) isEqual = false;
      if (Number.isFinite(difference)) {
        largestDifference = Math.max(largestDifference, difference);
      }
    }
    if (!isEqual) differing += 1;
  }
  return {
    outcome: differing === 0 ? 'equal' : 'different',
    rows,
    differing,
    largestDifference,
    withScores: scores !== undefined,
  };
}

/** Nothing equals nothing; infinities equal themselves. */
function differenceOf(
  expected: number | string | null | undefined,
  answer: number | string | null | undefined,
): number {
  const [one, other] = [expected ?? null, answer ?? null];
  if (one === other || String(one) === String(other)) return 0;
  if (one === null || other === null) return Infinity;
  return Math.abs(Number(one) - Number(other));
}
