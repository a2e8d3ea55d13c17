import type {
  ModelPrice,
  PromptEvaluation,
} from '@greenroom/plugin-ai-registry-common';
import { compareCost } from './compareCost';
import { compareRuns, type EvaluatedVersion } from './compareRuns';
import { judgeAnswers, type RowResults, summariseRows } from './runResult';
import { compileScorers } from '@greenroom/manifest';

const EVALUATION: PromptEvaluation = {
  dataset: {
    name: 'capital-cities',
    version: 1,
    digest: `sha256:${'d'.repeat(64)}`,
  },
  scorers: [{ kind: 'exact' }, { kind: 'regex', pattern: 'a', name: 'has-a' }],
};

const columns = (rows: number, value: (row: number) => number | null) =>
  Array.from({ length: rows }, (_, row) => value(row));

/** Rows of which every n-th is wrong by the first scorer, and all are right by the second. */
function version(
  number: number,
  options: {
    rows?: number;
    wrongEvery?: number;
    unanswered?: number;
    tokens?: number | null;
  } = {},
): EvaluatedVersion {
  const { rows = 400, wrongEvery = 10, unanswered = 0, tokens = 100 } = options;
  const isAnswered = (row: number) => row >= unanswered;
  const results: RowResults = {
    scores: {
      exact: columns(rows, row =>
        isAnswered(row) ? Number(row % wrongEvery !== 0) : null,
      ),
      'has-a': columns(rows, row => (isAnswered(row) ? 1 : null)),
    },
    inputTokens: columns(rows, row => (isAnswered(row) ? tokens : null)),
    outputTokens: columns(rows, row =>
      isAnswered(row) && tokens !== null
        ? (tokens * (1 + (row % 3))) / 4
        : null,
    ),
    cachedInputTokens: columns(rows, () => null),
    latencyMillis: columns(rows, row => (isAnswered(row) ? row + 1 : null)),
  };
  return { version: number, run: `run-${number}`, results };
}

const compare = (
  base: EvaluatedVersion | undefined,
  candidate: EvaluatedVersion,
  marginShare = 0.05,
) => compareRuns({ evaluation: EVALUATION, base, candidate, marginShare });

describe('compareRuns', () => {
  it('passes what is as good, and names each scorer', () => {
    const { outcome, summary, evidence } = compare(version(1), version(2));
    expect(outcome).toBe('passed');
    expect(summary).toMatch(
      /^On capital-cities, version 1: exact: Compared with version 1 .* has-a: Compared with version 1 /,
    );
    expect(evidence).toMatchObject({
      rows: 400,
      base: { version: 1, run: 'run-1', unanswered: 0 },
      scorers: [
        { scorer: 'exact', outcome: 'passed', base: 0.9, candidate: 0.9 },
        { scorer: 'has-a', outcome: 'passed', base: 1, candidate: 1 },
      ],
    });
    const [low, high] = evidence.scorers[0].interval;
    expect(low).toBeLessThan(0.9);
    expect(high).toBeGreaterThan(0.9);
  });

  it('fails when one scorer is worse, though the other is not', () => {
    const { outcome, evidence } = compare(
      version(1),
      version(2, { wrongEvery: 2 }),
    );
    expect(outcome).toBe('failed');
    expect(evidence.scorers.map(scorer => scorer.outcome)).toEqual([
      'failed',
      'passed',
    ]);
  });

  it('cannot tell from few rows', () => {
    const few = { rows: 8 };
    expect(compare(version(1, few), version(2, few)).outcome).toBe(
      'cannot-tell',
    );
  });

  it('compares over the rows that both answered, and never counts others as wrong', () => {
    const { outcome, evidence } = compare(
      version(1, { unanswered: 10 }),
      version(2, { unanswered: 20 }),
    );
    expect(outcome).toBe('passed');
    expect(evidence.candidate.unanswered).toBe(20);
    expect(evidence.scorers[0].paired?.rows).toBe(380);
    expect(evidence.scorers[1]).toMatchObject({ base: 1, candidate: 1 });
  });

  it.each([
    [version(1, { unanswered: 21 }), version(2), 'Version 1 left 21 of 400'],
    [version(1), version(2, { unanswered: 400 }), 'Version 2 left 400 of 400'],
    [undefined, version(2, { unanswered: 21 }), 'Version 2 left 21 of 400'],
  ])(
    'decides nothing when many rows have no answer',
    (base, candidate, why) => {
      expect(compare(base, candidate)).toMatchObject({
        outcome: 'cannot-tell',
        summary: expect.stringContaining(why),
      });
    },
  );

  it('passes with its own scores where nothing runs', () => {
    expect(compare(undefined, version(2))).toMatchObject({
      outcome: 'passed',
      summary: expect.stringMatching(
        /no running version to compare with. On 400 rows of capital-cities, version 1: exact 90 % \(95 % confidence: 86\.7 % to 92\.6 %\); has-a 100 %/,
      ),
      evidence: { scorers: [{ candidate: 0.9 }, { candidate: 1 }] },
    });
  });
});

describe('compareRuns, where nothing is right by any scorer', () => {
  const wrong = (number: number): EvaluatedVersion => {
    const one = version(number, { wrongEvery: 1 });
    return {
      ...one,
      results: {
        ...one.results,
        scores: { ...one.results.scores, 'has-a': one.results.scores.exact },
      },
    };
  };

  it.each([
    ['nothing runs', undefined],
    ['what runs is no better', wrong(1)],
  ])('leaves it to a reviewer when %s', (_what, base) => {
    expect(compare(base, wrong(2))).toMatchObject({
      outcome: 'cannot-tell',
      summary: expect.stringContaining('No answer is right by any scorer'),
    });
  });

  it('passes when one scorer finds some right', () => {
    const half = version(2, { wrongEvery: 1 });
    expect(compare(undefined, half).outcome).toBe('passed');
  });
});

describe('judgeAnswers', () => {
  it('leaves rows without an answer out of all scores, and sums what was told', async () => {
    const results = await judgeAnswers({
      rows: [
        { row: 0, input: 'a', expected: 'x' },
        { row: 1, input: 'b', expected: 'y' },
        { row: 2, input: 'c', expected: 'z' },
      ],
      answers: [
        {
          row: 0,
          answer: 'x',
          inputTokens: 5,
          outputTokens: 1,
          latencyMillis: 9,
        },
        { row: 1, error: 'refused', latencyMillis: 3 },
        { row: 2, answer: 'other', inputTokens: 7, latencyMillis: 5 },
      ],
      scorers: compileScorers([{ kind: 'exact' }], 'scorers'),
    });
    expect(results.scores).toEqual({ exact: [1, null, 0] });
    expect(summariseRows(results)).toMatchObject({
      rows: 3,
      unanswered: 1,
      scores: [{ scorer: 'exact', right: 1, rows: 2, share: 0.5 }],
      tokens: { input: 12, output: 1 },
      latencyMillis: { median: 5, p95: 9 },
    });
  });
});

describe('compareCost', () => {
  const price: ModelPrice = { currency: 'USD', input: 1, output: 4 };
  const cost = (
    base: EvaluatedVersion | undefined,
    candidate: EvaluatedVersion,
    options: {
      maxIncreaseShare?: number;
      prices?: [ModelPrice | undefined, ModelPrice | undefined];
    } = {},
  ) => {
    const [before, after] = options.prices ?? [price, price];
    return compareCost({
      base: base && { ...base, price: before },
      candidate: { ...candidate, price: after },
      maxIncreaseShare: options.maxIncreaseShare,
    });
  };

  it('says what a thousand calls cost, before and after', () => {
    const { outcome, evidence, summary } = cost(version(1), version(2));
    expect(outcome).toBe('passed');
    // 100 in at 1 and 50 out at 4, of a million each, on average.
    expect(evidence.candidate.costOfThousandCalls).toBeCloseTo(0.3, 2);
    expect(summary).toMatch(
      /^1000 calls cost about 0\.\d+ USD instead of 0\.\d+ USD: no change /,
    );
  });

  it.each([
    [150, 0.2, 'failed'],
    [110, 0.2, 'passed'],
    [50, 0, 'passed'],
  ])(
    'with %d tokens for 100 and a limit of %d has %s',
    (tokens, maxIncreaseShare, outcome) => {
      expect(
        cost(version(1), version(2, { tokens }), { maxIncreaseShare }).outcome,
      ).toBe(outcome);
    },
  );

  it('cannot tell from few rows, or where the limit lies within the interval', () => {
    const few = { rows: 10 };
    expect(
      cost(version(1, few), version(2, few), { maxIncreaseShare: 0.2 }).outcome,
    ).toBe('cannot-tell');
  });

  it('counts input that was computed before at its own price', () => {
    const candidate = version(2);
    candidate.results.cachedInputTokens = columns(400, () => 60);
    const cheap = { ...price, cachedInput: 0.1 };
    const { evidence } = cost(undefined, candidate, { prices: [cheap, cheap] });
    expect(evidence.candidate.costOfThousandCalls).toBeCloseTo(0.246, 2);
  });

  it('shows tokens where nobody said what they cost', () => {
    const undecided = cost(version(1), version(2), {
      maxIncreaseShare: 0.1,
      prices: [price, undefined],
    });
    expect(undecided).toMatchObject({
      outcome: 'cannot-tell',
      summary: expect.stringMatching(
        /^A call takes 100 tokens in and 49.9 out instead of 100 tokens in and 49.9 out\. What that costs cannot be told: add prices for the model of version 2/,
      ),
    });
    expect(
      cost(version(1), version(2), { prices: [undefined, undefined] }),
    ).toMatchObject({
      outcome: 'skipped',
      summary: expect.stringMatching(
        /^A call takes 100 tokens in .*: add prices for the model of version 2 to its connection/,
      ),
      evidence: { candidate: { inputTokens: 100 }, base: { inputTokens: 100 } },
    });
  });

  it('says so where tokens were not told, or currencies differ', () => {
    expect(
      cost(version(1), version(2, { tokens: null }), { maxIncreaseShare: 0.1 }),
    ).toMatchObject({
      outcome: 'cannot-tell',
      summary: expect.stringContaining('told no tokens of version 2'),
    });
    expect(
      cost(version(1), version(2), {
        maxIncreaseShare: 0.1,
        prices: [price, { ...price, currency: 'EUR' }],
      }).summary,
    ).toContain('two currencies are not compared');
    expect(cost(version(1), version(2, { tokens: null })).outcome).toBe(
      'skipped',
    );
  });
});
