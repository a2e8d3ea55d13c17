import type { Evaluation } from '@greenroom/plugin-ai-registry-common';
import fc from 'fast-check';
import { compareEvaluations } from './compareEvaluations';

const mean = (values: number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function evaluation(
  perRow: number[],
  changes: Partial<Evaluation> = {},
): Evaluation {
  return {
    dataset: {
      name: 'held-out',
      digest: `sha256:${'d'.repeat(64)}`,
      rows: perRow.length,
    },
    metrics: { accuracy: mean(perRow) },
    primary: { name: 'accuracy', higherIsBetter: true },
    perRow,
    ...changes,
  };
}

/** The first `wrong` of 500 answers are wrong. */
const answers = (wrong: number) =>
  Array.from({ length: 500 }, (_, row) => (row < wrong ? 0 : 1));

const compare = (
  base: Evaluation | undefined,
  candidate: Evaluation | undefined,
  marginShare = 0.01,
) =>
  compareEvaluations({
    base: { version: 1, evaluation: base },
    candidate: { version: 2, evaluation: candidate },
    marginShare,
  });

describe('compareEvaluations', () => {
  it('passes a better version, and shows by how much', () => {
    const verdict = compare(evaluation(answers(50)), evaluation(answers(20)));
    expect(verdict.passed).toBe(true);
    expect(verdict.evidence).toMatchObject({
      comparedWith: 1,
      metric: 'accuracy',
      base: 0.9,
      candidate: 0.96,
      margin: expect.closeTo(0.009, 9),
    });
    const [low, high] = verdict.evidence.paired!.interval;
    expect(low).toBeGreaterThan(0.03);
    expect(high).toBeLessThan(0.09);
    expect(verdict.summary).toMatch(/^Compared with version 1 the gain lies/);
  });

  it('passes an equal version, also without a margin', () => {
    const same = evaluation(answers(50));
    expect(compare(same, same).passed).toBe(true);
    expect(compare(same, same, 0).passed).toBe(true);
  });

  it('blocks a version that may be worse by more than the margin', () => {
    const base = evaluation(answers(20));
    expect(compare(base, evaluation(answers(23))).passed).toBe(false);
    expect(compare(base, evaluation(answers(23)), 0.05).passed).toBe(true);
    expect(compare(base, evaluation(answers(200)), 0.05).passed).toBe(false);
  });

  it('turns the sign where lower is better', () => {
    const errors = (scale: number) =>
      evaluation(
        Array.from({ length: 200 }, (_, row) => scale * (1 + (row % 7))),
        { primary: { name: 'mae', higherIsBetter: false }, metrics: {} },
      );
    expect(compare(errors(10), errors(8)).passed).toBe(true);
    expect(compare(errors(8), errors(10)).passed).toBe(false);
    expect(compare(errors(10), errors(8)).evidence).toMatchObject({
      base: expect.closeTo(39.7),
      candidate: expect.closeTo(31.76),
    });
  });

  it.each<[string, Evaluation | undefined, Evaluation | undefined, string]>([
    [
      'no evaluation of the candidate',
      evaluation([1]),
      undefined,
      'Version 2 has no evaluation',
    ],
    [
      'no evaluation of the base',
      undefined,
      evaluation([1]),
      'Version 1 has no evaluation',
    ],
    [
      'no values per row',
      evaluation([1]),
      evaluation([1], { perRow: undefined }),
      'The evaluation of version 2 has no value per row',
    ],
    [
      'other rows',
      evaluation([1]),
      evaluation([1], {
        dataset: { name: 'mine', digest: `sha256:${'e'.repeat(64)}`, rows: 1 },
      }),
      "Version 2 was evaluated on 'mine' (sha256:eeeeeeeeeeee) and version 1 on 'held-out'",
    ],
    [
      'another metric',
      evaluation([1]),
      evaluation([1], { primary: { name: 'f1', higherIsBetter: true } }),
      'The primary metric of version 2 is f1',
    ],
    ['missing rows', evaluation([1]), evaluation([1, 1]), 'have 2 and 1 rows'],
  ])('says what is missing: %s', (_, base, candidate, summary) => {
    expect(compare(base, candidate)).toEqual({
      passed: false,
      summary: expect.stringContaining(summary),
      evidence: { kind: 'evaluation', comparedWith: 1 },
    });
  });

  it('passes exactly when the interval lies above minus the margin', () => {
    const rows = fc.array(fc.integer({ min: 0, max: 1 }), {
      minLength: 20,
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        rows,
        rows,
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (base, candidate, share) => {
          fc.pre(base.includes(1));
          const { passed, evidence } = compare(
            evaluation(base),
            evaluation(candidate),
            share,
          );
          expect(passed).toBe(
            evidence.paired!.interval[0] > -share * mean(base),
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});
