import { ConfigReader } from '@backstage/config';
import {
  DEFAULT_ENVIRONMENTS,
  EnvironmentConnections,
} from '@greenroom/plugin-ai-registry-common';
import { readInferenceConfig } from './config';

describe('readInferenceConfig', () => {
  it('has a default for each setting', () => {
    expect(readInferenceConfig(new ConfigReader({}))).toEqual({
      environments: DEFAULT_ENVIRONMENTS,
      connections: new EnvironmentConnections(new Map()),
      dataPlane: { offlineAfterMillis: 10_000 },
      rollout: { drainMillis: 60_000, quorum: 1, giveUpMillis: 1_800_000 },
      retention: { keepRollouts: 100 },
      audit: { keepMonths: 13 },
      batching: { maxRows: 64, maxDelayMicros: 0 },
      keys: { maxLifetimeMillis: 31_536_000_000 },
      recordedRowsPerSecond: 50,
      playground: { timeoutMillis: 30_000, wakeMillis: 45_000 },
      localDataPlanes: { directory: undefined, program: undefined },
    });
  });

  it('takes the time that audit entries are kept in the former days, too', () => {
    const months = (aiInference: object) =>
      readInferenceConfig(new ConfigReader({ aiInference })).audit.keepMonths;
    const retention = { eventDays: 400 };
    expect(months({ retention })).toBe(13);
    expect(months({ retention: { eventDays: 40 } })).toBe(2);
    expect(months({ retention, audit: { keepMonths: 24 } })).toBe(24);
    expect(() => months({ audit: { keepMonths: 0 } })).toThrow(
      'aiInference.audit.keepMonths is 0, but must be at least 1',
    );
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
