import type { Evaluation } from '@greenroom/plugin-ai-registry-common';
import fc from 'fast-check';
import { createRandom, nextNormal, nextUniform } from '@greenroom/ml-kit';
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
    expect(verdict.outcome).toBe('passed');
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
    expect(compare(same, same).outcome).toBe('passed');
    expect(compare(same, same, 0).outcome).toBe('passed');
  });

  it('blocks a version that may be worse by more than the margin', () => {
    const base = evaluation(answers(20));
    expect(compare(base, evaluation(answers(30))).outcome).toBe('failed');
    expect(compare(base, evaluation(answers(23)), 0.05).outcome).toBe('passed');
    expect(compare(base, evaluation(answers(200)), 0.05)).toMatchObject({
      outcome: 'failed',
      summary: expect.stringMatching(/: it is worse, and more than 0.048 may/),
    });
  });

  it('leaves to people what the rows cannot tell, and says how many rows could', () => {
    const base = evaluation(answers(20));
    expect(compare(base, evaluation(answers(22)))).toMatchObject({
      outcome: 'cannot-tell',
      summary: expect.stringMatching(
        /500 rows\): these rows cannot tell whether more than 0.0096 is lost. About \d+ rows that turn out alike would.$/,
      ),
    });
    const few = (n: number) => evaluation(new Array<number>(n).fill(1));
    expect(compare(few(5), few(5))).toMatchObject({
      outcome: 'cannot-tell',
      evidence: { paired: { improvement: 0, rows: 5 } },
    });
    // Better by as much as can be, on too few rows to know what a row can lose.
    const all = (score: number, n: number) =>
      evaluation(new Array<number>(n).fill(score));
    expect(compare(all(0, 19), all(1, 19)).outcome).toBe('cannot-tell');
    expect(compare(all(0, 20), all(1, 20)).outcome).toBe('passed');
    // Even a margin of 0 is not passed for want of rows.
    expect(compare(few(100), few(100), 0).outcome).toBe('cannot-tell');
  });

  describe('with a metric that is a share of right answers', () => {
    const shares = (base: number[], candidate: number[], marginShare: number) =>
      compareEvaluations({
        base: { version: 1, evaluation: evaluation(base) },
        candidate: { version: 2, evaluation: evaluation(candidate) },
        marginShare,
        isShare: true,
      });
    const wrong = (rows: number) => new Array<number>(rows).fill(0);

    it('lets percentage points be lost, whatever share the running version has right', () => {
      const verdict = shares(answers(250), answers(250), 0.02);
      expect(verdict).toMatchObject({
        outcome: 'passed',
        evidence: { margin: 0.02 },
        summary: expect.stringMatching(
          / percentage points of accuracy .*; up to 2 percentage points may be lost\.$/,
        ),
      });
      const none = shares(wrong(500), wrong(500), 0.02);
      expect(none).toMatchObject({
        outcome: 'passed',
        evidence: { margin: 0.02 },
      });
    });

    it('says how many rows would tell where the running version has none right', () => {
      expect(shares(wrong(30), wrong(30), 0.02)).toMatchObject({
        outcome: 'cannot-tell',
        summary: expect.stringMatching(
          /more than 2 percentage points is lost\. About \d+ rows that turn out alike would\.$/,
        ),
      });
    });
  });

  it('says why nothing may be lost of a score of 0, and why more rows would not help', () => {
    const rows = (one: number, other: number) =>
      evaluation([one, other, ...new Array<number>(28).fill(0)]);
    expect(compare(rows(-1, 1), rows(1, -1), 0.05).summary).toMatch(
      /Nothing may be lost, since what may is a share of what version 1 has, which is 0\.$/,
    );
    expect(
      compare(evaluation(answers(20)), evaluation(answers(22)), 0.001),
    ).toMatchObject({
      outcome: 'cannot-tell',
      summary: expect.stringMatching(
        / More rows that turn out alike would not show that it is good enough\.$/,
      ),
    });
  });

  it('turns the sign where lower is better', () => {
    const errors = (scale: number) =>
      evaluation(
        Array.from({ length: 200 }, (_, row) => scale * (1 + (row % 7))),
        { primary: { name: 'mae', higherIsBetter: false }, metrics: {} },
      );
    expect(compare(errors(10), errors(8)).outcome).toBe('passed');
    expect(compare(errors(8), errors(10)).outcome).toBe('failed');
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
      outcome: 'cannot-tell',
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
          const { outcome, evidence } = compare(
            evaluation(base),
            evaluation(candidate),
            share,
          );
          expect(outcome === 'passed').toBe(
            evidence.paired!.interval[0] > -share * mean(base),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  describe('a version two points worse, 2,000 times', () => {
    /** Of rows that the base has right the share that is lost, of those it has wrong the share that is won. */
    const kinds = [
      { name: 'only loses', lost: 0.02 / 0.9, won: 0, sizes: [5, 20, 50, 200] },
      {
        name: 'loses 4 % and wins 2 %',
        lost: 0.04 / 0.9,
        won: 0.2,
        sizes: [5, 20, 50, 200],
      },
      {
        name: 'is right on other rows',
        lost: 0.12,
        won: 0.88,
        sizes: [5, 20, 50],
      },
    ];
    // The verdict depends on the rows by their counts alone.
    const verdicts = new Map<string, boolean>();
    const passes = (n: number, lost: number, won: number) => {
      const right = Math.round(0.9 * n);
      const key = [n, lost, won].join();
      const known =
        verdicts.get(key) ??
        compare(
          evaluation(Array.from({ length: n }, (_, i) => Number(i < right))),
          evaluation(
            Array.from({ length: n }, (_, i) =>
              Number(i >= lost && i < right + won),
            ),
          ),
        ).outcome === 'passed';
      verdicts.set(key, known);
      return known;
    };

    it.each(
      kinds.flatMap(({ sizes, ...kind }) => sizes.map(n => ({ n, ...kind }))),
    )('that $name: passes at most 5 % of $n rows', ({ n, ...shares }) => {
      const random = createRandom(n);
      const draw = (rows: number, share: number) =>
        Array.from({ length: rows }, () => nextUniform(random) < share).filter(
          Boolean,
        ).length;
      const right = Math.round(0.9 * n);
      let passed = 0;
      for (let run = 0; run < 2000; run++) {
        const lost = draw(right, shares.lost);
        if (passes(n, lost, draw(n - right, shares.won))) passed++;
      }
      expect(passed / 2000).toBeLessThanOrEqual(0.05);
    });

    it('in its absolute errors: passes at most 5 % of 50 rows', () => {
      const random = createRandom(9);
      let passed = 0;
      for (let run = 0; run < 20; run++) {
        const base = Array.from({ length: 50 }, () =>
          Math.abs(nextNormal(random)),
        );
        const candidate = base.map(error =>
          Math.abs(error + 0.03 + 0.05 * nextNormal(random)),
        );
        const errors = { primary: { name: 'mae', higherIsBetter: false } };
        const { outcome } = compare(
          evaluation(base, { ...errors, metrics: {} }),
          evaluation(candidate, { ...errors, metrics: {} }),
        );
        if (outcome === 'passed') passed++;
      }
      expect(passed / 20).toBeLessThanOrEqual(0.05);
    });
  });
});
