import type { Evaluation } from '@greenroom/plugin-ai-registry-common';
import { compareSlices } from './compareSlices';

const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i);

const evaluation = (
  perRow: number[],
  changes: Partial<Evaluation> = {},
): Evaluation => ({
  dataset: { name: 'held out', digest: `sha256:${'1'.repeat(64)}`, rows: 400 },
  metrics: {},
  primary: { name: 'accuracy', higherIsBetter: true },
  perRow,
  ...changes,
});

/** 90 % right in both halves, and then better on the whole, but half as good in the second one. */
const before = rows(0, 400).map(row => (row % 10 === 0 ? 0 : 1));
const after = rows(0, 400).map(row => (row >= 300 && row % 2 === 0 ? 0 : 1));
const slices = [
  { name: 'north', rows: rows(0, 300) },
  { name: 'south', rows: rows(300, 400) },
  { name: 'island', rows: rows(300, 305) },
];

describe('compareSlices', () => {
  it('finds where a version is worse that is as good on the whole', () => {
    const found = compareSlices(
      evaluation(before),
      evaluation(after, { slices }),
    );
    expect(found?.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['north', 'not-worse'],
      ['south', 'worse'],
      ['island', 'few'],
    ]);
    const south = found?.[1];
    expect(south).toMatchObject({ rows: 100, base: 0.9, candidate: 0.5 });
    expect(south?.improvement).toBeCloseTo(-0.4);
    expect(south?.interval[1]).toBeLessThan(0);
  });

  it('turns the sign where lower is better', () => {
    const primary = { name: 'error', higherIsBetter: false };
    const found = compareSlices(
      evaluation(before, { primary }),
      evaluation(after, { primary, slices }),
    );
    expect(found?.[1]).toMatchObject({ outcome: 'not-worse' });
    expect(found?.[1].improvement).toBeCloseTo(0.4);
  });

  it('does not take chance for a loss when there are many slices', () => {
    // One row in fifty turns out worse, in one slice of fifty two of twenty.
    const many = rows(0, 20).map(at => ({
      name: `site ${at}`,
      rows: rows(at * 20, at * 20 + 20),
    }));
    const worse = before.map((value, row) =>
      [1, 2].includes(row) ? 0 : value,
    );
    const found = compareSlices(
      evaluation(before),
      evaluation(worse, { slices: many }),
    );
    expect(found?.every(({ outcome }) => outcome === 'not-worse')).toBe(true);
  });

  it('compares nothing that is not the same', () => {
    const other = evaluation(after, { slices });
    const digest = `sha256:${'2'.repeat(64)}` as const;
    expect(compareSlices(undefined, other)).toBeUndefined();
    expect(
      compareSlices(evaluation(before), evaluation(after)),
    ).toBeUndefined();
    expect(
      compareSlices(
        evaluation(before, { dataset: { ...other.dataset, digest } }),
        other,
      ),
    ).toBeUndefined();
    expect(
      compareSlices(
        evaluation(before, { primary: { name: 'f1', higherIsBetter: true } }),
        other,
      ),
    ).toBeUndefined();
  });
});
