import {
  groupWeight as contractGroupWeight,
  RECORD_LIMITS,
  type RecordSample,
  sampleWeight as contractSampleWeight,
} from '@greenroom/plugin-ai-inference-common';
import { RecordBuffer } from './RecordBuffer';
import { BATCH_LIMITS, groupWeight, sampleWeight } from './recordWeight';

const SAMPLES: RecordSample[] = [
  { at: 1, features: [] },
  { at: 1, features: [1, null, true, 'word', '\u0001'.repeat(200)] },
  { at: 1, features: [-1.2345678901234567e-100], prediction: 'yes' },
];

it('weighs as the receiver does', () => {
  expect(BATCH_LIMITS).toEqual(RECORD_LIMITS);
  for (const sample of SAMPLES) {
    expect(sampleWeight(sample)).toBe(contractSampleWeight(sample));
  }
  for (const model of ['a', 'm'.repeat(63)]) {
    expect(groupWeight({ model })).toBe(contractGroupWeight({ model }));
  }
});

/** As many as fit, of what JSON is largest for. */
it.each([
  [
    'records',
    (buffer: RecordBuffer) =>
      buffer.add('m', 1, 1.7e12 + 0.123, 123456789, 200, 1e6),
  ],
  [
    'numbers',
    (buffer: RecordBuffer) =>
      buffer.addSample('m', 1, {
        at: 1.7e12 + 0.123,
        features: new Array<number>(64).fill(-1.2345678901234567e-100),
      }),
  ],
  [
    'escapes',
    (buffer: RecordBuffer) =>
      buffer.addSample('m', 1, {
        at: 1,
        features: ['\u0001'.repeat(200)],
        prediction: '\u0001'.repeat(200),
      }),
  ],
  [
    'small samples',
    (buffer: RecordBuffer) =>
      buffer.addSample('m', 1, { at: 1.7e12 + 0.123, features: [] }),
  ],
] as const)('never fills a batch of %s beyond the limits', (_what, add) => {
  const buffer = new RecordBuffer({
    producer: 'p',
    environment: 'production',
    maxRecords: 10_000_000,
  });
  let added = 0;
  while (buffer.queue.batches.length === 0) {
    add(buffer);
    added++;
  }
  const batch = buffer.queue.head()!;
  const bytes = JSON.stringify(buffer.queue.toWire(batch, new Date())).length;
  expect(bytes).toBeLessThan(RECORD_LIMITS.bytes);
  // A bound that is not used is no bound of this.
  expect(bytes).toBeGreaterThan(RECORD_LIMITS.bytes / 8);
  expect(added).toBeLessThanOrEqual(RECORD_LIMITS.records);
});

it('seals a batch before it has too many groups', () => {
  const buffer = new RecordBuffer({
    producer: 'p',
    environment: 'production',
    maxRecords: 10_000_000,
  });
  for (let model = 0; model <= RECORD_LIMITS.groups; model++) {
    buffer.add(`model-${model}`, 1, 1, 1, 200, 1);
  }
  expect(buffer.queue.head()?.groups).toHaveLength(RECORD_LIMITS.groups);
});
