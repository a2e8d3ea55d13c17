import { NOON, recordBatch, recordGroup } from '../__testUtils__/fixtures';
import { correctTimes, describeOffset } from './clock';

const RULES = {
  receivedMillis: NOON,
  maxOffsetMillis: 300_000,
  oldestMillis: NOON - 86_400_000,
};
const sentAt = (offsetMillis: number) => ({
  sentAt: new Date(NOON + offsetMillis).toISOString(),
});

describe('correctTimes', () => {
  it.each([
    ['a little late', -3_000, NOON - 3_000],
    ['a minute ahead', 60_000, NOON - 60_000],
    ['a minute behind', -60_000, NOON + 60_000],
  ])('puts records of a clock that is %s right', (_what, offset, expected) => {
    const told = NOON + (Math.abs(offset) > 5_000 ? 0 : offset);
    const group = recordGroup({ count: 1, startMillis: told });
    const { batch, offsetMillis, refused } = correctTimes(
      recordBatch([group], sentAt(offset)),
      RULES,
    );
    expect(offsetMillis).toBe(offset);
    expect(refused).toEqual([]);
    expect(batch.groups[0].at).toEqual([expected]);
    expect(batch.groups[0].samples[0].at).toBe(expected);
  });

  it.each([3 * 86_400_000, -3 * 86_400_000])(
    'refuses all records of a clock that is off by %d ms',
    offset => {
      const { batch, refused } = correctTimes(
        recordBatch([recordGroup({ count: 7 })], sentAt(offset)),
        RULES,
      );
      expect(batch.groups).toEqual([]);
      expect(refused).toMatchObject([{ records: 7, samples: 7 }]);
    },
  );

  it('refuses single records of the future and of long ago', () => {
    const group = recordGroup({ count: 3 });
    group.at[0] = NOON + 400_000;
    group.at[2] = NOON - 2 * 86_400_000;
    group.status = [201, 202, 203];
    const { batch, refused } = correctTimes(
      recordBatch([group], sentAt(0)),
      RULES,
    );
    expect(batch.groups[0]).toMatchObject({
      at: [group.at[1]],
      status: [202],
    });
    expect(batch.groups[0].samples).toHaveLength(3);
    expect(refused).toMatchObject([{ records: 2, samples: 0 }]);
  });
});

describe('describeOffset', () => {
  it.each([
    [3 * 86_400_000, '3 days ahead'],
    [-90_000, '2 minutes behind'],
    [3_600_000, '1 hour ahead'],
    [10, '0 seconds ahead'],
  ])('of %d ms is %s', (millis, words) => {
    expect(describeOffset(millis)).toBe(words);
  });
});
