import { decideRestart } from './decideRestart';

it('waits longer with each end, up to half a minute', () => {
  const pauses: number[] = [];
  let ends = 0;
  for (let i = 0; i < 8; i++) {
    const decided = decideRestart(ends, 1_000);
    ends = decided.ends;
    pauses.push(decided.pauseMillis);
  }
  expect(pauses).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

it('begins anew with one that served for a minute', () => {
  expect(decideRestart(7, 60_000)).toEqual({ ends: 1, pauseMillis: 1_000 });
  expect(decideRestart(7, 59_999).pauseMillis).toBe(30_000);
});

it('stays with the longest pause however often it ended', () => {
  expect(decideRestart(10_000, 0).pauseMillis).toBe(30_000);
});
