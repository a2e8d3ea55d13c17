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

describe('correctTimes of what is compared and told later', () => {
  const compared = {
    ...recordGroup({ count: 3, samples: false }),
    comparison: 'rollout.1',
    units: [7, -1, 0],
    copies: {
      comparison: 'rollout.2',
      at: [NOON, NOON + 400_000],
      units: [7, 8],
      latencyMicros: [1, 2],
      status: [200, 500],
      agrees: [1, -1],
      leftOut: 4,
    },
  };
  const prediction = (at: number) => ({
    requestId: `request-${at}`,
    at,
    model: 'diabetes',
    version: 1,
    unit: 7,
  });
  const batchAt = (offset: number) =>
    recordBatch([compared], {
      ...sentAt(offset),
      predictions: [prediction(NOON), prediction(NOON + 400_000)],
      outcomes: [
        {
          requestId: 'request-1',
          model: 'diabetes',
          name: 'clicked',
          at: 5,
          value: true,
        },
      ],
    });

  it('leaves out copies and predictions of the future, and says how many', () => {
    const { batch, untimed } = correctTimes(batchAt(0), RULES);
    expect(batch.groups[0].units).toEqual([7, -1, 0]);
    expect(batch.groups[0].copies).toMatchObject({
      at: [NOON],
      units: [7],
      status: [200],
      agrees: [1],
      leftOut: 4,
    });
    expect(batch.predictions).toEqual([prediction(NOON)]);
    expect(untimed).toEqual({
      compared: new Map([['rollout.2', 1]]),
      predictions: new Map([['diabetes', 1]]),
    });
  });

  it('corrects their times, but not those that callers tell', () => {
    const { batch } = correctTimes(batchAt(60_000), RULES);
    expect(batch.groups[0].copies?.at[0]).toBe(NOON - 60_000);
    expect(batch.predictions?.[0].at).toBe(NOON - 60_000);
    expect(batch.outcomes?.[0].at).toBe(5);
  });

  it('refuses all but outcomes from a clock that is too wrong', () => {
    const { batch, untimed } = correctTimes(batchAt(86_400_000), RULES);
    expect(batch).toMatchObject({ groups: [], predictions: [] });
    expect(batch.outcomes).toHaveLength(1);
    expect(untimed).toEqual({
      compared: new Map([
        ['rollout.1', 2],
        ['rollout.2', 2],
      ]),
      predictions: new Map([['diabetes', 2]]),
    });
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
