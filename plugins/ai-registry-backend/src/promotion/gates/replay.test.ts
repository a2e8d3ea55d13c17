import { askGate, running, versionWith } from './__testUtils__/askGate';
import { replay } from './replay';

const FEATURES = [{ name: 'x', tensor: 'X', index: 0 }];
const rows = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    features: [at],
    prediction: 'a',
  }));

/** @param changed - how many of the answers differ */
function ask(
  options: {
    rows?: number;
    changed?: number;
    unanswered?: number;
    features?: typeof FEATURES;
  },
  settings = {},
) {
  const { rows: count = 200, changed = 0, unanswered = 0 } = options;
  return askGate(
    replay,
    {
      running,
      version: async version =>
        versionWith({
          schema: {
            task: 'classification',
            prediction: { tensor: 'y' },
            features: version === 2 ? options.features ?? FEATURES : FEATURES,
          },
        })(),
      recentRows: async () => rows(count),
      rehearse: async (version, asked) => ({
        predictions: asked.map((_, at) => {
          if (at < unanswered) return null;
          return version === 2 && at < unanswered + changed ? 'b' : 'a';
        }),
        ...(unanswered > 0 && { left: `${unanswered} rows: cut` }),
      }),
    },
    settings,
  );
}

it('tells how many would be answered otherwise', async () => {
  expect(await ask({ changed: 10 })).toMatchObject({
    status: 'passed',
    summary:
      '5 % of the last 200 rows would be answered otherwise than by version 1.',
    evidence: {
      facts: expect.arrayContaining([
        { label: 'a becomes b', value: '10 rows' },
      ]),
    },
  });
});

it.each([
  [0, 'passed'],
  [20, 'undecided'],
  [60, 'failed'],
] as const)('goes by a bound: %d changed are %s', async (changed, status) => {
  const finding = await ask({ changed }, { maxChangedShare: 0.1 });
  expect(finding.status).toBe(status);
});

it('counts what both have answered, and says what was left out', async () => {
  const finding = await ask({ changed: 10, unanswered: 100 });
  expect(finding).toMatchObject({
    status: 'passed',
    summary: expect.stringContaining('10 % of the last 100 rows'),
  });
  expect(JSON.stringify(finding)).toContain('100 rows: cut');
});

it('says nothing of few rows, or of other features', async () => {
  expect((await ask({ rows: 19 })).status).toBe('skipped');
  expect((await ask({ unanswered: 190 })).status).toBe('skipped');
  const other = [{ name: 'z', tensor: 'X', index: 0 }];
  expect(await ask({ features: other })).toMatchObject({
    status: 'skipped',
    summary: expect.stringContaining('same features'),
  });
});

it('is not asked where no rows are kept', async () => {
  expect(
    await askGate(replay, { running: async () => undefined }),
  ).toMatchObject({ status: 'not-asked' });
});
