import { type BaselineProfile, freezeBaseline } from '@greenroom/ml-kit';
import type {
  RecordBatch,
  RecordGroup,
} from '@greenroom/plugin-ai-inference-common';

/** A moment that every window length divides. */
export const NOON = Date.parse('2026-05-03T12:00:00Z');

/** Two features, evenly spread over 0 to 1 and 0 to 10, and two classes. */
export const BASELINE: BaselineProfile = freezeBaseline({
  featureNames: ['age', 'dose'],
  features: Array.from({ length: 1_000 }, (_, i) => [i / 1_000, i / 100]),
  predictions: Array.from({ length: 1_000 }, (_, i) =>
    i % 2 === 0 ? 'ill' : 'well',
  ),
  task: 'classification',
});

/** `count` requests, one every `everyMillis`, each with one sampled row like the baseline's. */
export function recordGroup(
  options: {
    model?: string;
    version?: number;
    count?: number;
    startMillis?: number;
    everyMillis?: number;
    status?: (index: number) => number;
    shift?: number;
    samples?: boolean;
  } = {},
): RecordGroup {
  const {
    model = 'diabetes',
    version = 1,
    count = 100,
    startMillis = NOON,
    everyMillis = 10,
    status = () => 200,
    shift = 0,
    samples = true,
  } = options;
  const indices = Array.from({ length: count }, (_, index) => index);
  const at = indices.map(index => startMillis + index * everyMillis);
  return {
    model,
    version,
    at,
    latencyMicros: indices.map(index => 1_000 + (index % 100) * 10),
    status: indices.map(status),
    rows: indices.map(() => 2),
    samples: !samples
      ? []
      : indices.map(index => {
          // 617 and 1000 have no common factor: any stretch is evenly spread.
          const share = ((index * 617) % 1_000) / 1_000;
          return {
            at: at[index],
            features: [share, share * 10 + shift],
            prediction: index % 2 === 0 ? 'ill' : 'well',
          };
        }),
  };
}

export function recordBatch(
  groups: RecordGroup[],
  overrides: Partial<RecordBatch> = {},
): RecordBatch {
  return {
    formatVersion: 2,
    producer: 'data-plane-1',
    sequence: 1,
    sentAt: new Date().toISOString(),
    environment: 'production',
    lost: { total: 0, samples: 0 },
    groups,
    ...overrides,
  };
}
