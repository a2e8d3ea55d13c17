import { decideBrake, type VersionCounts } from './decideBrake';

const settings = { windowSeconds: 10, minRequests: 20, minFailurePercent: 50 };

const counts = (
  ...versions: [requests: number, failures: number][]
): VersionCounts[] =>
  versions.map(([requests, failures], i) => ({
    version: i + 1,
    requests,
    failures,
  }));

it.each([
  ['all of its requests fail', counts([100, 0], [20, 20]), 2],
  ['half of them do', counts([100, 0], [20, 10]), 2],
  ['it is the one that most callers get', counts([190, 180], [10, 0]), 1],
  ['it is the worst of several', counts([100, 0], [30, 20], [30, 29]), 3],
  ['all fail and nobody else was asked yet', counts([0, 0], [20, 20]), 2],
])('brakes a version when %s', (_what, given, expected) => {
  expect(decideBrake(given, settings)?.version.version).toBe(expected);
});

it.each([
  ['too few requests say so', counts([100, 0], [19, 19])],
  ['it fails too seldom', counts([100, 0], [100, 49])],
  [
    'the others fail as often: what stands behind all of them is to blame',
    counts([100, 90], [100, 95]),
  ],
  ['the others fail more than half as often', counts([100, 30], [100, 55])],
  ['it is the only one', counts([100, 100])],
  [
    'nobody else was asked, and one of its requests went well',
    counts([0, 0], [20, 19]),
  ],
  ['nobody was asked', counts([0, 0], [0, 0])],
])('brakes nothing when %s', (_what, given) => {
  expect(decideBrake(given, settings)).toBeUndefined();
});

it('brakes nothing where that is switched off', () => {
  const given = counts([100, 0], [100, 100]);
  expect(decideBrake(given, { ...settings, minRequests: 0 })).toBeUndefined();
});

it('tells of the others together', () => {
  expect(decideBrake(counts([50, 1], [50, 2], [50, 50]), settings)).toEqual({
    version: { version: 3, requests: 50, failures: 50 },
    others: { requests: 100, failures: 3 },
  });
});
