import type { RecordGroup } from '@greenroom/plugin-ai-inference-common';
import { BatchQueue } from './BatchQueue';
import { contentOf } from './sealedBatch';

function group(
  model: string,
  at: number[],
  samplesAt: number[] = [],
): RecordGroup {
  return {
    model,
    version: 1,
    at,
    latencyMicros: at.map(() => 10),
    status: at.map(() => 200),
    rows: at.map(() => 1),
    samples: samplesAt.map(each => ({ at: each, features: [each] })),
  };
}

function create(...batches: RecordGroup[][]): BatchQueue {
  const queue = new BatchQueue({
    producer: 'producer-1',
    environment: 'production',
  });
  for (const groups of batches) queue.append(contentOf({ groups }));
  return queue;
}

/** Sends everything to a receiver that refuses some; tells what arrived. */
function drain(
  queue: BatchQueue,
  isRefused: (group: RecordGroup) => boolean,
): { records: number[]; samples: number[]; sequences: number[] } {
  const arrived = {
    records: [] as number[],
    samples: [] as number[],
    sequences: [] as number[],
  };
  for (let batch = queue.head(); batch; batch = queue.head()) {
    const { groups, sequence } = queue.toWire(batch, new Date());
    arrived.sequences.push(sequence);
    if (groups.some(isRefused)) {
      queue.refuse(batch);
      continue;
    }
    for (const { at, samples } of groups) {
      arrived.records.push(...at);
      arrived.samples.push(...samples.map(sample => sample.at));
    }
    queue.acknowledge(batch, true);
  }
  return arrived;
}

it('does not touch a batch once it has its sequence', () => {
  const queue = create([group('a', [1])]);
  const first = queue.head()!;
  const text = JSON.stringify(queue.toWire(first, new Date(0)));
  queue.append(contentOf({ groups: [group('a', [2])] }));
  expect(queue.head()).toBe(first);
  expect(JSON.stringify(queue.toWire(first, new Date(0)))).toBe(text);
  queue.acknowledge(first, true);
  expect(queue.head()).toMatchObject({ sequence: 2, counts: { records: 1 } });
});

it('has nothing to send when nothing happened', () => {
  const queue = create();
  expect(queue.head()).toBeUndefined();
  queue.append(contentOf({ groups: [group('a', [1])] }));
  queue.acknowledge(queue.head()!, true);
  expect([queue.head(), queue.records]).toEqual([undefined, 0]);
});

it('sets one poisonous record aside, and delivers all others once', () => {
  const times = Array.from({ length: 1_000 }, (_, i) => i);
  const queue = create(
    [group('a', [1]), group('b', times, [5, 6]), group('c', [2])],
    [group('d', [3])],
  );
  const arrived = drain(
    queue,
    ({ model, at }) => model === 'b' && at.includes(777),
  );
  expect(arrived.records.sort((a, b) => a - b)).toEqual(
    [...times.filter(at => at !== 777), 1, 2, 3].sort((a, b) => a - b),
  );
  expect(arrived.samples.sort()).toEqual([5, 6]);
  expect([queue.losses.counts.records, queue.losses.counts.samples]).toEqual([
    1, 0,
  ]);
  expect(new Set(arrived.sequences).size).toBe(arrived.sequences.length);
  expect(arrived.sequences.length).toBeLessThan(30);
});

it('sets one poisonous row aside, and keeps its record', () => {
  const queue = create([group('a', [1, 2], [1, 2])]);
  const arrived = drain(queue, ({ samples }) =>
    samples.some(({ at }) => at === 2),
  );
  expect(arrived).toMatchObject({ records: [1, 2], samples: [1] });
  expect([queue.losses.counts.records, queue.losses.counts.samples]).toEqual([
    0, 1,
  ]);
});

it('stops halving when too many parts are refused, and goes on with what waits behind', () => {
  const times = Array.from({ length: 1_000 }, (_, i) => i);
  const queue = create([group('bad', times)], [group('good', [1])]);
  const arrived = drain(queue, ({ model }) => model === 'bad');
  expect(arrived.records).toEqual([1]);
  expect(queue.losses.counts.records).toBe(1_000);
  // 64 refusals, the good one, and nothing after it that only tells of the loss.
  expect(arrived.sequences.length).toBe(65);
});

it('sets one poisonous outcome, prediction and copy aside, and delivers all others once', () => {
  const ids = Array.from({ length: 100 }, (_, i) => `r-${i}`);
  const queue = create();
  queue.append(
    contentOf({
      groups: [
        {
          ...group('a', [1, 2, 3], [4]),
          comparison: 'c.1',
          units: [11, 12, 13],
          copies: {
            comparison: 's.1',
            at: [1, 2, 3, 4],
            units: [21, 22, 23, 24],
            latencyMicros: [5, 6, 7, 8],
            status: [200, 200, 500, 200],
            agrees: [1, 0, -1, 1],
            leftOut: 7,
          },
        },
      ],
      predictions: ids.map((requestId, at) => ({
        requestId,
        at,
        model: 'a',
        version: 1,
        unit: 0,
      })),
      outcomes: ids.map((requestId, at) => ({
        requestId,
        at,
        model: 'a',
        name: 'bought',
        value: true,
      })),
    }),
  );
  const arrived = {
    records: [] as number[][],
    copies: [] as number[][],
    samples: 0,
    leftOut: 0,
    predictions: 0,
    outcomes: 0,
  };
  for (let batch = queue.head(); batch; batch = queue.head()) {
    const wire = queue.toWire(batch, new Date());
    const { groups, predictions = [], outcomes = [] } = wire;
    const isRefused =
      predictions.some(({ requestId }) => requestId === 'r-17') ||
      outcomes.some(({ requestId }) => requestId === 'r-55') ||
      groups.some(({ copies }) => copies?.units.includes(23));
    if (isRefused) {
      queue.refuse(batch);
      continue;
    }
    arrived.predictions += predictions.length;
    arrived.outcomes += outcomes.length;
    for (const { at, units, samples, copies } of groups) {
      at.forEach((each, i) => arrived.records.push([each, units![i]]));
      arrived.samples += samples.length;
      arrived.leftOut += copies?.leftOut ?? 0;
      copies?.at.forEach((each, i) =>
        arrived.copies.push([
          each,
          copies.units[i],
          copies.latencyMicros[i],
          copies.status[i],
          copies.agrees[i],
        ]),
      );
    }
    queue.acknowledge(batch, true);
  }
  expect(arrived).toEqual({
    records: [
      [1, 11],
      [2, 12],
      [3, 13],
    ],
    copies: [
      [1, 21, 5, 200, 1],
      [2, 22, 6, 200, 0],
      [4, 24, 8, 200, 1],
    ],
    samples: 1,
    leftOut: 7,
    predictions: 99,
    outcomes: 99,
  });
  expect(queue.losses.counts).toEqual({
    records: 0,
    samples: 0,
    copies: 1,
    predictions: 1,
    outcomes: 1,
  });
});

it('tells a loss also when nothing happens any more', () => {
  const queue = create([group('a', [4])]);
  queue.refuse(queue.head()!);
  const telling = queue.head()!;
  expect(queue.toWire(telling, new Date())).toMatchObject({
    sequence: 2,
    lost: { total: 1, samples: 0, fromMillis: 4, toMillis: 4 },
    groups: [],
  });
  // A receiver that knew the batch already has not looked at it.
  queue.acknowledge(telling, false);
  queue.acknowledge(queue.head()!, true);
  expect(queue.head()).toBeUndefined();
});
