import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import { totalsOf } from '../__testUtils__/totals';
import { rollUp } from './rollUp';
import { splitBatch } from './splitBatch';

describe('splitBatch', () => {
  const batch = recordBatch([
    {
      ...recordGroup({ count: 30, everyMillis: 10_000 }),
      inputTokens: new Array<number>(30).fill(2),
      outputTokens: new Array<number>(30).fill(1),
      limited: Array.from({ length: 30 }, (_, index) => index % 2),
    },
    recordGroup({ version: 2, count: 30, startMillis: NOON + 5_000 }),
  ]);

  it('makes parts of few values that count the same together', () => {
    const parts = splitBatch(batch, 20);
    expect(parts.length).toBeGreaterThan(5);
    for (const { groups } of parts) {
      const samples = groups.flatMap(group => group.samples);
      expect(samples.length * 2).toBeLessThanOrEqual(20);
    }
    expect(
      totalsOf(parts.flatMap(part => rollUp(part, () => BASELINE))),
    ).toEqual(totalsOf(rollUp(batch, () => BASELINE)));
  });

  it('tells what is compared, and what became of requests, in one part only', () => {
    const requestId = 'r';
    const parts = splitBatch(
      {
        ...batch,
        groups: batch.groups.map(group => ({
          ...group,
          comparison: 'rollout.1',
          units: group.at.map(() => 0),
        })),
        predictions: [
          { requestId, at: NOON, model: 'diabetes', version: 1, unit: 0 },
        ],
        outcomes: [
          { requestId, model: 'diabetes', name: 'x', at: NOON, value: 1 },
        ],
      },
      20,
    );
    const groups = parts.flatMap(part => part.groups);
    expect(groups.filter(({ units }) => units)).toHaveLength(2);
    expect(groups.filter(({ comparison }) => comparison)).toHaveLength(2);
    expect(parts.flatMap(part => part.predictions ?? [])).toHaveLength(1);
    expect(parts.flatMap(part => part.outcomes ?? [])).toHaveLength(1);
  });

  it('leaves a small batch whole', () => {
    expect(splitBatch(batch)).toEqual([batch]);
  });
});
