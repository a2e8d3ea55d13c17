import { ConfigReader } from '@backstage/config';
import { readInferenceConfig } from './config';

describe('readInferenceConfig', () => {
  it('has a default for each setting', () => {
    expect(readInferenceConfig(new ConfigReader({}))).toEqual({
      dataPlane: { offlineAfterMillis: 10_000 },
      rollout: { drainMillis: 60_000, quorum: 1 },
      retention: { keepRollouts: 100, eventMillis: 34_560_000_000 },
      batching: { maxRows: 64, maxDelayMicros: 0 },
      keys: { maxLifetimeMillis: 31_536_000_000 },
      recordedRowsPerSecond: 50,
      playground: { timeoutMillis: 30_000 },
    });
  });

  it('reads seconds, and names a setting that is out of its range', () => {
    const config = (offlineAfterSeconds: number) =>
      new ConfigReader({ aiInference: { dataPlane: { offlineAfterSeconds } } });
    expect(readInferenceConfig(config(5)).dataPlane.offlineAfterMillis).toBe(
      5_000,
    );
    expect(() => readInferenceConfig(config(1))).toThrow(
      'aiInference.dataPlane.offlineAfterSeconds is 1, but must be at least 3',
    );
  });
});
