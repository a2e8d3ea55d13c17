import {
  groupWeight as contractGroupWeight,
  outcomeWeight as contractOutcomeWeight,
  predictionWeight as contractPredictionWeight,
  type OutcomeRecord,
  type PredictionRecord,
  RECORD_LIMITS,
  type RecordSample,
  sampleWeight as contractSampleWeight,
} from '@greenroom/plugin-ai-inference-common';
import { RecordBuffer } from './RecordBuffer';
import {
  BATCH_LIMITS,
  groupWeight,
  outcomeWeight,
  predictionWeight,
  sampleWeight,
} from './recordWeight';

const SAMPLES: RecordSample[] = [
  { at: 1, features: [] },
  { at: 1, features: [1, null, true, 'word', '\u0001'.repeat(200)] },
  { at: 1, features: [-1.2345678901234567e-100], prediction: 'yes' },
];

/** What takes the most room. */
const PREDICTION: PredictionRecord = {
  requestId: '"'.repeat(128),
  at: 1.7e12 + 0.123,
  model: 'm'.repeat(63),
  version: 2147483647,
  comparison: 'c'.repeat(64),
  unit: 2 ** 48 - 1,
  prediction: '\u0001'.repeat(200),
  confidence: 0.123457,
};
const OUTCOME: OutcomeRecord = {
  requestId: '"'.repeat(128),
  model: 'm'.repeat(63),
  name: 'n'.repeat(63),
  at: 1.7e12 + 0.123,
  value: '\u0001'.repeat(200),
  covariate: -1.2345678901234567e-100,
};

it('weighs as the receiver does', () => {
  expect(BATCH_LIMITS).toEqual(RECORD_LIMITS);
  for (const sample of SAMPLES) {
    expect(sampleWeight(sample)).toBe(contractSampleWeight(sample));
  }
  for (const model of ['a', 'm'.repeat(63)]) {
    expect(groupWeight({ model })).toBe(contractGroupWeight({ model }));
    const compared = { model, comparison: 'r.1', copies: { comparison: 's' } };
    expect(groupWeight(compared)).toBe(contractGroupWeight(compared));
  }
  expect(predictionWeight(PREDICTION)).toBe(
    contractPredictionWeight(PREDICTION),
  );
  expect(outcomeWeight(OUTCOME)).toBe(contractOutcomeWeight(OUTCOME));
});

/** As many as fit, of what JSON is largest for. */
it.each([
  [
    'records',
    (buffer: RecordBuffer) =>
      buffer.add('m', 1, 1.7e12 + 0.123, 123456789, 200, 1e6),
  ],
  [
    'records of a comparison',
    (buffer: RecordBuffer) =>
      buffer.add('m', 1, 1.7e12 + 0.123, 123456789, 200, 1e6, undefined, {
        isFallback: true,
        isLimited: true,
        comparison: 'c'.repeat(64),
        unit: 2 ** 48 - 1,
      }),
  ],
  [
    'copies',
    (buffer: RecordBuffer) =>
      buffer.addCopy({
        model: 'm',
        version: 1,
        comparison: 'c'.repeat(64),
        atMillis: 1.7e12 + 0.123,
        unit: 2 ** 48 - 1,
        latencyMicros: 123456789,
        status: 200,
        agrees: -1,
      }),
  ],
  [
    'predictions',
    (buffer: RecordBuffer) => buffer.addPrediction({ ...PREDICTION }),
  ],
  [
    'small predictions',
    (buffer: RecordBuffer) =>
      buffer.addPrediction({
        requestId: 'r',
        at: 1.7e12 + 0.123,
        model: 'm',
        version: 2147483647,
        unit: 2 ** 48 - 1,
        confidence: 0.123457,
      }),
  ],
  ['outcomes', (buffer: RecordBuffer) => buffer.addOutcome({ ...OUTCOME })],
  [
    'small outcomes',
    (buffer: RecordBuffer) =>
      buffer.addOutcome({
        requestId: 'r',
        model: 'm',
        name: 'n',
        at: 1.7e12 + 0.123,
        value: false,
        covariate: -1.2345678901234567e-100,
      }),
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
