import { RecordBuffer } from './RecordBuffer';
import type { RecordGroup } from '@greenroom/plugin-ai-inference-common';
import { halve, type BatchParts } from './sealedBatch';

function create(maxRecords = 100) {
  return new RecordBuffer({
    producer: 'producer-1',
    environment: 'production',
    maxRecords,
  });
}

const alone = (group: RecordGroup): BatchParts => ({
  groups: [group],
  predictions: [],
  outcomes: [],
});

function halvesOf(group: RecordGroup): [RecordGroup, RecordGroup] {
  const [first, last] = halve(alone(group))!;
  return [first.groups[0], last.groups[0]];
}

/** The times of all records that wait, in the order in which they would be sent. */
function waiting(buffer: RecordBuffer): number[] {
  buffer.seal();
  return buffer.queue.batches.flatMap(({ groups }) =>
    groups.flatMap(({ at }) => at),
  );
}

it('gathers columns by model and version', () => {
  const buffer = create(10_000);
  buffer.add('a', 1, 1000, 10, 200, 1);
  buffer.add('a', 2, 1001, 20, 200, 2);
  buffer.add('a', 1, 1002, 30, 400, 0);
  buffer.addSample('a', 2, { at: 1001, features: [1, 2], prediction: 'x' });
  buffer.seal();
  const batch = buffer.queue.head()!;
  expect(buffer.queue.toWire(batch, new Date(0))).toEqual({
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

it('tells of requests for another model only where there were some, and keeps that with their records', () => {
  const buffer = create(10_000);
  const add = (model: string, isFallback: boolean) =>
    buffer.add(model, 1, 1_000, 5, 200, 1, undefined, { isFallback });
  add('second', false);
  add('second', true);
  add('other', false);
  buffer.seal();
  const [second, other] = buffer.queue.head()!.groups;
  expect(second.fallbacks).toEqual([0, 1]);
  expect(other).not.toHaveProperty('fallbacks');
  const [first, last] = halvesOf(second);
  expect([first.fallbacks, last.fallbacks]).toEqual([[0], [1]]);
});

it('tells of refusals for limits of keys only where there were some, and keeps that with their records', () => {
  const buffer = create(10_000);
  const add = (model: string, isLimited: boolean) =>
    buffer.add(model, 1, 1_000, 5, 429, 0, undefined, { isLimited });
  add('bot', false);
  add('bot', true);
  add('bot', false);
  add('other', false);
  buffer.seal();
  const [bot, other] = buffer.queue.head()!.groups;
  expect(bot.limited).toEqual([0, 1, 0]);
  expect(bot).not.toHaveProperty('fallbacks');
  expect(other).not.toHaveProperty('limited');
  const [first, last] = halvesOf(bot);
  expect([...first.limited!, ...last.limited!]).toEqual([0, 1, 0]);
});

it('tells of tokens only where a language model answered, and keeps them with their records', () => {
  const buffer = create(10_000);
  buffer.add('bot', 1, 1000, 10, 503, 0);
  buffer.add('bot', 1, 1001, 20, 200, 1, { input: 7, output: undefined });
  buffer.add('bot', 1, 1002, 30, 400, 0);
  buffer.add('other', 1, 1003, 40, 200, 1);
  buffer.seal();
  const [bot, other] = buffer.queue.head()!.groups;
  expect(bot).toMatchObject({
    at: [1000, 1001, 1002],
    inputTokens: [0, 7, 0],
    outputTokens: [0, 0, 0],
  });
  expect(other).not.toHaveProperty('inputTokens');
  const [first, second] = halvesOf(bot);
  expect([first.inputTokens, second.inputTokens]).toEqual([[0], [7, 0]]);
  expect(second.outputTokens).toHaveLength(second.at.length);
});

it('holds as many records as it says', () => {
  const buffer = create(500_000);
  for (let i = 0; i < 500_000; i++) {
    buffer.add(`m-${i % 40}`, 1, i, 10, 200, 1);
    if (i % 50 === 0) {
      const features = new Array<number>(30).fill(i);
      buffer.addSample(`m-${i % 40}`, 1, { at: i, features });
    }
  }
  expect(buffer.size).toBe(500_000);
  expect(buffer.queue.losses.counts.records).toBe(0);
  buffer.add('m-0', 1, 500_000, 10, 200, 1);
  expect(buffer.size + buffer.queue.losses.counts.records).toBe(500_001);
  expect(buffer.size).toBeGreaterThanOrEqual(490_000);
});

it('gives up the oldest records that are not on their way, and says when they happened', () => {
  const buffer = create(10);
  buffer.add('a', 1, 0, 10, 200, 1);
  const onItsWay = buffer.queue.head()!;
  for (let i = 1; i <= 30; i++) buffer.add('a', 1, i, 10, 200, 1);
  const { losses } = buffer.queue;
  expect(buffer.size).toBe(10);
  expect(losses.counts.records).toBe(21);
  expect(buffer.queue.head()).toBe(onItsWay);
  expect(waiting(buffer)).toEqual([0, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  expect(buffer.queue.toWire(onItsWay, new Date()).lost).toEqual({
    total: 21,
    samples: 0,
    fromMillis: 1,
    toMillis: 21,
  });
  buffer.queue.acknowledge(onItsWay, true);
  const next = buffer.queue.head()!;
  expect(buffer.queue.toWire(next, new Date()).lost).toEqual({
    total: 21,
    samples: 0,
  });
});

it('gives up copied rows before it gives up a record', () => {
  const buffer = create(100);
  const features = new Array<number>(62).fill(0);
  for (let i = 0; i < 100; i++) {
    buffer.add('a', 1, i, 10, 200, 1);
    buffer.addSample('a', 1, { at: i, features });
  }
  const { losses } = buffer.queue;
  expect([buffer.size, losses.counts.records]).toEqual([100, 0]);
  expect(losses.counts.samples).toBeGreaterThan(80);
  buffer.seal();
  const samples = buffer.queue.batches.flatMap(({ groups }) =>
    groups.flatMap(group => group.samples),
  );
  expect(samples.length + losses.counts.samples).toBe(100);
  expect(samples.at(-1)?.at).toBe(99);
  // Four numbers for each of 100 records, and 66 for a row.
  expect(samples.length).toBeLessThanOrEqual(7);
});

it('bounds the groups of rarely called models, which take memory too', () => {
  const buffer = create(10_000);
  for (let i = 0; i < 9_000; i++) buffer.add(`m-${i}`, 1, i, 10, 200, 1);
  expect(buffer.queue.groups).toBeLessThanOrEqual(4_000);
  expect(buffer.size + buffer.queue.losses.counts.records).toBe(9_000);
});

it('closes a batch before it grows too large to send', () => {
  const buffer = create(10_000_000);
  for (let i = 0; i < 250_000; i++) buffer.add('a', 1, i, 10, 200, 1);
  const first = buffer.queue.head()!;
  expect(first.counts.records).toBe(74_974);
  const wire = buffer.queue.toWire(first, new Date());
  expect(JSON.stringify(wire).length).toBeLessThan(8 * 1024 * 1024);
});

describe('while versions are compared', () => {
  it('gathers a group for each comparison, whose requests each have a unit', () => {
    const buffer = create(10_000);
    const add = (at: number, comparison?: string, unit?: number) =>
      buffer.add('a', 2, at, 5, 200, 1, undefined, { comparison, unit });
    add(1, 'r.1', 11);
    add(2, 'r.1', -1);
    add(3, 'r.2', 12);
    add(4);
    add(5, 'r.2', 0);
    buffer.seal();
    const { groups } = buffer.queue.head()!;
    expect(
      groups.map(({ comparison, units, at }) => [comparison, units, at]),
    ).toEqual([
      ['r.1', [11, -1], [1, 2]],
      ['r.2', [12, 0], [3, 5]],
      [undefined, undefined, [4]],
    ]);
    const [first, last] = halvesOf(groups[0]);
    expect([first.units, last.units]).toEqual([[11], [-1]]);
    expect(last.comparison).toBe('r.1');
  });

  it('tells of copies apart from requests, and of those that were left out', () => {
    const buffer = create(10_000);
    const of = { model: 'a', version: 3, comparison: 's.1' };
    const answered = { unit: 9, latencyMicros: 70, status: 200 };
    buffer.addLeftOutCopy(of);
    buffer.addCopy({ ...of, ...answered, atMillis: 1, agrees: 1 });
    buffer.addCopy({ ...of, ...answered, atMillis: 2, agrees: 0 });
    buffer.addCopy({
      ...of,
      ...answered,
      comparison: 's.2',
      atMillis: 3,
      agrees: -1,
    });
    buffer.seal();
    const { groups, counts } = buffer.queue.head()!;
    expect(counts).toMatchObject({ records: 0, copies: 3 });
    expect(groups.map(({ copies }) => copies)).toEqual([
      {
        comparison: 's.1',
        at: [1, 2],
        units: [9, 9],
        latencyMicros: [70, 70],
        status: [200, 200],
        agrees: [1, 0],
        leftOut: 1,
      },
      {
        comparison: 's.2',
        at: [3],
        units: [9],
        latencyMicros: [70],
        status: [200],
        agrees: [-1],
        leftOut: 0,
      },
    ]);
  });

  it('gives up outcomes for no records, and records for no outcomes', () => {
    const buffer = create(100);
    const outcome = { model: 'a', name: 'bought', value: true };
    for (let i = 0; i < 20; i++) {
      buffer.addOutcome({ ...outcome, requestId: `r-${i}`, at: i });
      buffer.seal();
    }
    for (let i = 0; i < 1_000; i++) buffer.add('a', 1, i, 10, 200, 1);
    const waitingOutcomes = () =>
      buffer.queue.batches.flatMap(({ outcomes }) => outcomes).length;
    expect(waitingOutcomes()).toBe(20);
    expect(buffer.size).toBe(100);
    for (let i = 0; i < 200; i++) {
      buffer.addOutcome({ ...outcome, requestId: `late-${i}`, at: i });
    }
    buffer.seal();
    const { outcomes, records } = buffer.queue.losses.counts;
    expect([buffer.size, records]).toEqual([100, 900]);
    expect(outcomes).toBeGreaterThan(100);
    expect(outcomes + waitingOutcomes()).toBe(220);
    expect(buffer.queue.losses.say()).toMatchObject({ total: 900, outcomes });
  });
});
