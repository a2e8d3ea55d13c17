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

  it('leaves a small batch whole', () => {
    expect(splitBatch(batch)).toEqual([batch]);
  });
});
