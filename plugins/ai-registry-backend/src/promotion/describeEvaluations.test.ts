import type { Evaluation } from '@greenroom/plugin-ai-registry-common';
import { describeEvaluations } from './describeEvaluations';

function evaluation(
  name: string,
  perRow: number[],
  changes: Partial<Evaluation> = {},
): Evaluation {
  return {
    dataset: {
      name: 'capitals',
      digest: `sha256:${'d'.repeat(64)}`,
      rows: perRow.length,
    },
    metrics: {
      [name]: perRow.reduce((sum, one) => sum + one, 0) / perRow.length,
    },
    primary: { name, higherIsBetter: true },
    perRow,
    ...changes,
  };
}

const rows = (right: number, of = 100) =>
  Array.from({ length: of }, (_, row) => Number(row < right));

describe('describeEvaluations', () => {
  it('shows the newest figures of each score, with intervals', () => {
    const { outcome, summary, evidence } = describeEvaluations(
      [
        evaluation('exact', rows(90)),
        evaluation('short', rows(56), { perRow: undefined }),
        evaluation('exact', rows(10)),
        evaluation('other', rows(10), {
          dataset: {
            name: 'other',
            digest: `sha256:${'e'.repeat(64)}`,
            rows: 100,
          },
        }),
      ],
      'production',
    );
    expect(outcome).toBe('passed');
    expect(summary).toBe(
      'production has no running version to be compared with. This version has exact 0.9 (95 % confidence: 0.826 to 0.945, 100 rows); short 0.56 (100 rows), on capitals.',
    );
    expect(evidence.own).toMatchObject([
      {
        metric: 'exact',
        value: 0.9,
        interval: [expect.closeTo(0.826, 3), expect.closeTo(0.945, 3)],
      },
      { metric: 'short', value: 0.56, dataset: 'capitals', rows: 100 },
    ]);
  });

  it('leaves it to a reviewer where all scores are 0', () => {
    expect(
      describeEvaluations(
        [evaluation('exact', rows(0)), evaluation('short', rows(0))],
        'production',
      ),
    ).toMatchObject({
      outcome: 'cannot-tell',
      summary: expect.stringContaining('Nothing is right by any score'),
    });
  });

  it.each<[string, Evaluation[]]>([
    [
      'one score is more',
      [evaluation('exact', rows(0)), evaluation('a', rows(1))],
    ],
    [
      '0 is the best',
      [
        evaluation('error', rows(0), {
          primary: { name: 'error', higherIsBetter: false },
        }),
      ],
    ],
    ['there are no evaluations', []],
  ])('passes where %s', (_what, evaluations) => {
    expect(describeEvaluations(evaluations, 'production').outcome).toBe(
      'passed',
    );
  });
});
