import { ConfigReader } from '@backstage/config';
import { readMonitoringConfig } from './config';

describe('readMonitoringConfig', () => {
  it('has a default for each setting', () => {
    expect(readMonitoringConfig(new ConfigReader({}))).toEqual({
      maxClockOffsetMillis: 300_000,
      audit: { keepMonths: 13 },
      notices: { worseMillis: 60_000, betterMillis: 300_000 },
      outcomes: { maxPredictionsADay: 1_000_000 },
      comparisons: { maxUnits: 200_000 },
      retention: {
        tenSecondsMillis: 3_600_000,
        minuteMillis: 172_800_000,
        hourMillis: 7_776_000_000,
        batchMillis: 172_800_000,
      },
      health: {
        minRequests: 20,
        serverErrorRateWarning: 0.01,
        serverErrorRateAlert: 0.05,
        clientErrorRateWarning: 0.2,
        driftedShareAlert: 0.2,
      },
    });
  });

  it('names a setting that makes no sense', () => {
    const config = new ConfigReader({
      aiMonitoring: { retention: { hourDays: -1 } },
    });
    expect(() => readMonitoringConfig(config)).toThrow(
      'aiMonitoring.retention.hourDays is -1, but must be above 0',
    );
  });
});
