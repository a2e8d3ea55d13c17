import { askGate, running } from './__testUtils__/askGate';
import { drift } from './drift';

type Told = Awaited<
  ReturnType<Parameters<typeof askGate>[1]['driftOfTraffic'] & object>
>;

const feature = (name: string, status: 'ok' | 'alert', effect: number) =>
  ({ name, status, effect } as NonNullable<Told['report']>['features'][number]);

const ask = (told: Partial<Told>) =>
  askGate(drift, {
    running,
    driftOfTraffic: async () => ({
      rows: 600,
      referenceRows: 500,
      leftOut: [],
      ...told,
    }),
  });
const report = (
  status: NonNullable<Told['report']>['status'],
  ...features: NonNullable<Told['report']>['features']
) => ({ report: { status, features } as Told['report'] });

it('passes where today is like the rows that the version was made of', async () => {
  expect(await ask(report('ok', feature('age', 'ok', 0.01)))).toMatchObject({
    status: 'passed',
    evidence: {
      facts: expect.arrayContaining([
        { label: 'age', value: '0.01 PSI (like before)' },
      ]),
    },
  });
});

it('names the features that differ, the worst first', async () => {
  const finding = await ask({
    ...report(
      'alert',
      feature('age', 'ok', 0.01),
      feature('dose', 'alert', 0.4),
      feature('weight', 'alert', 1.2),
    ),
    leftOut: ['height'],
  });
  expect(finding).toMatchObject({
    status: 'failed',
    summary: expect.stringContaining('in weight, dose: train it on newer rows'),
  });
  expect(JSON.stringify(finding)).toContain('height');
});

it('does not call few rows alike', async () => {
  expect(await ask({ ...report('not-enough-data'), rows: 12 })).toMatchObject({
    status: 'skipped',
    summary: expect.stringContaining('12 sampled rows'),
  });
});

it.each([
  ['no-reference', /registered without reference rows/],
  ['no-baseline', /running version has no baseline/],
  ['other-features', /no feature of the same name/],
  ['no-data', /nothing was asked/],
] as const)('says why there is nothing to compare: %s', async (reason, why) => {
  expect(await ask({ reason })).toMatchObject({
    status: 'not-asked',
    because: expect.stringMatching(why),
  });
});

it('has nothing to compare with where nothing runs', async () => {
  expect(
    await askGate(drift, { running: async () => undefined }),
  ).toMatchObject({ status: 'not-asked' });
});
