import { RecordBuffer } from './RecordBuffer';

function create(maxRecords = 100) {
  return new RecordBuffer({
    producer: 'producer-1',
    environment: 'production',
    maxRecords,
  });
}

it('gathers columns by model and version', () => {
  const buffer = create();
  buffer.add('a', 1, 1000, 10, 200, 1);
  buffer.add('a', 2, 1001, 20, 200, 2);
  buffer.add('a', 1, 1002, 30, 400, 0);
  buffer.addSample('a', 2, { at: 1001, features: [1, 2], prediction: 'x' });
  const batch = buffer.head()!;
  expect(buffer.toWire(batch, new Date(0))).toEqual({
    formatVersion: 2,
    producer: 'producer-1',
    sequence: 1,
    sentAt: '1970-01-01T00:00:00.000Z',
    environment: 'production',
    lost: { total: 0, samples: 0 },
    groups: [
      {
        model: 'a',
        version: 1,
        at: [1000, 1002],
        latencyMicros: [10, 30],
        status: [200, 400],
        rows: [1, 0],
        samples: [],
      },
      {
        model: 'a',
        version: 2,
        at: [1001],
        latencyMicros: [20],
        status: [200],
        rows: [2],
        samples: [{ at: 1001, features: [1, 2], prediction: 'x' }],
      },
    ],
  });
});

it('does not touch a batch once it has its sequence', () => {
  const buffer = create();
  buffer.add('a', 1, 1000, 10, 200, 1);
  const first = buffer.head()!;
  const text = JSON.stringify(buffer.toWire(first, new Date(0)));
  buffer.add('a', 1, 1001, 10, 200, 1);
  expect(buffer.head()).toBe(first);
  expect(JSON.stringify(buffer.toWire(first, new Date(0)))).toBe(text);
  buffer.acknowledge(first);
  expect(buffer.head()).toMatchObject({ sequence: 2, records: 1 });
});

it('has nothing to send when nothing happened', () => {
  const buffer = create();
  expect(buffer.head()).toBeUndefined();
  buffer.add('a', 1, 1000, 10, 200, 1);
  buffer.acknowledge(buffer.head()!);
  expect(buffer.head()).toBeUndefined();
  expect(buffer.size).toBe(0);
});

it('gives up the oldest records that are not on their way', () => {
  const buffer = create(10);
  buffer.add('a', 1, 0, 10, 200, 1);
  const onItsWay = buffer.head()!;
  for (let i = 1; i <= 30; i++) buffer.add('a', 1, i, 10, 200, 1);
  expect(buffer.size).toBeLessThanOrEqual(10);
  expect(buffer.size + buffer.droppedTotal).toBe(31);
  expect(buffer.head()).toBe(onItsWay);
  buffer.acknowledge(onItsWay);
  const kept: number[] = [];
  for (let each = buffer.head(); each; each = buffer.head()) {
    kept.push(...each.groups[0].at);
    buffer.acknowledge(each);
  }
  expect(kept).toEqual(kept.map((_, i) => 31 - kept.length + i));
});

it('counts copied rows as what they weigh', () => {
  const buffer = create(100);
  const features = new Array<number>(62).fill(0);
  for (let i = 0; i < 100; i++) {
    buffer.add('a', 1, i, 10, 200, 1);
    buffer.addSample('a', 1, { at: i, features });
  }
  expect(buffer.size).toBeLessThanOrEqual(6);
  expect(buffer.size + buffer.droppedTotal).toBe(100);
});

it('closes a batch before it grows too large to send', () => {
  const buffer = create(1_000_000);
  for (let i = 0; i < 250_000; i++) buffer.add('a', 1, i, 10, 200, 1);
  const first = buffer.head()!;
  expect(first.records).toBe(74_974);
  const bytes = JSON.stringify(buffer.toWire(first, new Date())).length;
  expect(bytes).toBeLessThan(8 * 1024 * 1024);
});
