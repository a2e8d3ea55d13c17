import fc from 'fast-check';
import {
  decidePlacement,
  MOST_INLINE_BYTES,
  MOST_INLINE_MILLIS,
  MOST_INLINE_OPEN_MILLIS,
} from './decidePlacement';

const small = { wish: undefined, sizeBytes: 1_000, openMillis: 1 };
const rowsOf = (...millis: number[]) =>
  millis.map(each => ({ rows: 1, millis: each }));

it('takes what is small and quick home', () => {
  expect(decidePlacement({ ...small, runs: rowsOf(0.03) })).toEqual({
    where: 'inline',
    reason: 'it is small, and a row takes 0.030 ms',
  });
});

it('keeps what is large, slow or unknown in a thread, and says why', () => {
  expect(
    decidePlacement({
      ...small,
      wish: 'auto',
      sizeBytes: 90 * 1024 * 1024,
      runs: rowsOf(0.03),
    }),
  ).toEqual({
    where: 'worker',
    reason: 'its files have 90 MiB, more than 4.0',
  });
  expect(decidePlacement({ ...small, runs: rowsOf(40) })).toEqual({
    where: 'worker',
    reason: 'a row takes 40 ms, more than 2 ms',
  });
  expect(
    decidePlacement({ ...small, openMillis: 110.4, runs: rowsOf(0.03) }),
  ).toEqual({
    where: 'worker',
    reason: 'loading it takes 110 ms, more than 25 ms',
  });
  expect(decidePlacement({ ...small, runs: [] })).toEqual({
    where: 'worker',
    reason:
      'it takes no made-up values, so that nobody knows how long it takes',
  });
});

it('is at its limits where they say', () => {
  const limits = {
    sizeBytes: MOST_INLINE_BYTES,
    openMillis: MOST_INLINE_OPEN_MILLIS,
    runs: rowsOf(MOST_INLINE_MILLIS),
  };
  const where = (over: Partial<typeof limits>) =>
    decidePlacement({ wish: 'auto', ...limits, ...over }).where;
  expect([
    where({}),
    where({ sizeBytes: MOST_INLINE_BYTES + 1 }),
    where({ openMillis: MOST_INLINE_OPEN_MILLIS + 0.001 }),
    where({ runs: rowsOf(MOST_INLINE_MILLIS + 0.001) }),
  ]).toEqual(['inline', 'worker', 'worker', 'worker']);
});

it('is not led astray by a run that something else held up, or by runs of many rows', () => {
  const runs = [...rowsOf(0.1, 90, 0.1), { rows: 32, millis: 30 }];
  expect(decidePlacement({ ...small, runs }).where).toBe('inline');
});

it('does as it is told, whatever was measured', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('inline' as const, 'worker' as const),
      fc.nat(),
      fc.nat(),
      fc.array(
        fc.record({ rows: fc.integer({ min: 1, max: 64 }), millis: fc.nat() }),
      ),
      (wish, sizeBytes, openMillis, runs) => {
        expect(decidePlacement({ wish, sizeBytes, openMillis, runs })).toEqual({
          where: wish,
          reason: 'its manifest says so',
        });
      },
    ),
  );
});
