import fc from 'fast-check';
import { CostModel } from './CostModel';
import { fitCost } from './fitCost';

const rowCounts = [1, 2, 4, 8, 16, 32, 64];

it('finds the line that runs lie on', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 10, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (millisPerRow, millisPerRun) => {
        const runs = rowCounts.map(rows => ({
          rows,
          millis: millisPerRow * rows + millisPerRun,
        }));
        const cost = fitCost(runs);
        expect(cost?.millisPerRow).toBeCloseTo(millisPerRow, 3);
        expect(cost?.millisPerRun).toBeCloseTo(millisPerRun, 3);
      },
    ),
  );
});

it('is moved little by runs that something else held up', () => {
  fc.assert(
    fc.property(
      // Fewer than a third of the runs, each held up by so much.
      fc.array(fc.double({ min: 5, max: 500, noNaN: true }), {
        minLength: 1,
        maxLength: 6,
      }),
      held => {
        const runs = [...rowCounts, ...rowCounts, ...rowCounts].map(
          (rows, i) => ({
            rows,
            millis: 0.5 * rows + 3 + (held[i] !== undefined ? held[i] : 0),
          }),
        );
        const cost = fitCost(runs);
        expect(Math.abs((cost?.millisPerRow ?? 0) - 0.5)).toBeLessThan(0.1);
        expect(Math.abs((cost?.millisPerRun ?? 0) - 3)).toBeLessThan(1);
      },
    ),
  );
});

it('is never negative, whatever was measured', () => {
  const run = fc.record({
    rows: fc.integer({ min: 1, max: 1_000 }),
    millis: fc.double({ min: 0, max: 1e4, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 40 }), runs => {
      const { millisPerRow, millisPerRun } = fitCost(runs)!;
      expect(millisPerRow).toBeGreaterThanOrEqual(0);
      expect(millisPerRun).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(millisPerRow + millisPerRun)).toBe(true);
    }),
  );
  expect(fitCost([])).toBeUndefined();
});

it('takes all of a run for its rows where runs of one size are all there is', () => {
  const runs = Array.from({ length: 5 }, () => ({ rows: 4, millis: 8 }));
  expect(fitCost(runs)).toEqual({ millisPerRow: 2, millisPerRun: 0 });
});

it('learns what callers send, and does not forget what other sizes took', () => {
  const model = new CostModel([
    { rows: 1, millis: 1.1 },
    { rows: 32, millis: 4.2 },
  ]);
  expect(model.rowsWithin(5)).toBe(40);
  for (let i = 0; i < 200; i++) model.observe(1, 1.1);
  expect(model.rowsWithin(5)).toBe(40);
  // A busier machine.
  for (let i = 0; i < 200; i++) model.observe(8 * (1 + (i % 4)), 4 + (i % 4));
  expect(model.rowsWithin(5)).toBeLessThan(30);
});

it('gets over a machine that had no time for it when it was loaded', () => {
  const model = new CostModel(
    [1, 8, 32, 1, 8, 32, 1, 8, 32].map(rows => ({
      rows,
      millis: 20 * (0.1 * rows + 0.05),
    })),
  );
  expect(model.rowsWithin(5)).toBe(2);
  for (let run = 0; run < 1_000; run++) {
    // As many rows wait as a run may have, or fewer.
    const rows = Math.max(1, model.rowsWithin(5) - (run % 4));
    model.observe(rows, 0.1 * rows + 0.05);
  }
  expect(model.rowsWithin(5)).toBe(49);
});

it('bounds a run, and lets few rows share one that takes long by itself', () => {
  const of = (millisPerRow: number, millisPerRun: number) =>
    new CostModel(
      rowCounts.map(rows => ({
        rows,
        millis: millisPerRow * rows + millisPerRun,
      })),
    );
  expect(of(1, 0).rowsWithin(5)).toBe(5);
  expect(of(100, 0).rowsWithin(5)).toBe(2);
  expect(of(0.1, 60.04).rowsWithin(50)).toBe(602);
  expect(of(0, 1).rowsWithin(5)).toBe(Infinity);
  expect(new CostModel([]).rowsWithin(5)).toBe(Infinity);
});
