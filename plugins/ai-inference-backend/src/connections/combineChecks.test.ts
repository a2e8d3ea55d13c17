import { combineChecks } from './combineChecks';

const EARLY = '2026-05-03T11:00:00.000Z';
const LATE = '2026-05-03T11:10:00.000Z';
const answers = (models: string[], checkedAt = EARLY) =>
  ({ state: 'answers', checkedAt, models } as const);
const fails = (error: string, checkedAt = EARLY) =>
  ({ state: 'fails', checkedAt, error } as const);
const combine = (
  ...checks: Parameters<typeof combineChecks>[0][0]['check'][]
) =>
  combineChecks(
    checks.map((check, index) => ({ name: `llm/${index + 1}`, check })),
  );

it('answers while one upstream does, with what all of those offer', () => {
  expect(
    combine(answers(['a', 'b', 'c']), answers(['c', 'b'], LATE), fails('gone')),
  ).toEqual(answers(['b', 'c'], LATE));
  expect(combine({ state: 'unchecked' }, answers(['a']))).toEqual(
    answers(['a']),
  );
});

it('fails when all do, and says why each does', () => {
  expect(combine(fails('gone', LATE), fails('no such key'))).toEqual(
    fails('llm/1: gone; llm/2: no such key', LATE),
  );
});

it('is not known before each was checked, while none answers', () => {
  expect(combine(fails('gone'), { state: 'unchecked' })).toEqual({
    state: 'unchecked',
  });
});
