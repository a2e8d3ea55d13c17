import type { Config } from '@backstage/config';
import type { HealthThresholds } from './health/health';
import type { NoticeRules } from './notices/notice';
import type { Retention } from './windows/WindowCompactor';

const HOUR_MILLIS = 60 * 60 * 1_000;

/** The plugin's settings; `config.d.ts` explains each. */
export interface MonitoringConfig {
  retention: Retention & { batchMillis: number };
  audit: { keepMonths: number };
  comparisons: { maxUnits: number };
  outcomes: { maxPredictionsADay: number };
  health: HealthThresholds;
  notices: NoticeRules;
  /** Largest offset of a data plane's clock that is corrected. */
  maxClockOffsetMillis: number;
}

export function readMonitoringConfig(config: Config): MonitoringConfig {
  const root = config.getOptionalConfig('aiMonitoring');
  const read = (key: string, fallback: number): number => {
    const value = root?.getOptionalNumber(key) ?? fallback;
    if (!(value > 0)) {
      throw new Error(
        `The setting aiMonitoring.${key} is ${value}, but must be above 0`,
      );
    }
    return value;
  };
  return {
    retention: {
      tenSecondsMillis: read('retention.tenSecondHours', 1) * HOUR_MILLIS,
      minuteMillis: read('retention.minuteHours', 48) * HOUR_MILLIS,
      hourMillis: read('retention.hourDays', 90) * 24 * HOUR_MILLIS,
      batchMillis: read('retention.batchHours', 48) * HOUR_MILLIS,
    },
    audit: { keepMonths: read('audit.keepMonths', 13) },
    outcomes: {
      maxPredictionsADay: read('outcomes.maxRequestsPerDay', 1_000_000),
    },
    comparisons: { maxUnits: read('comparisons.maxUnits', 200_000) },
    notices: {
      worseMillis: read('notices.worseSeconds', 60) * 1_000,
      betterMillis: read('notices.betterSeconds', 300) * 1_000,
    },
    maxClockOffsetMillis: read('records.maxClockOffsetSeconds', 300) * 1_000,
    health: {
      minRequests: read('health.minRequests', 20),
      serverErrorRateWarning: read('health.serverErrorRateWarning', 0.01),
      serverErrorRateAlert: read('health.serverErrorRateAlert', 0.05),
      clientErrorRateWarning: read('health.clientErrorRateWarning', 0.2),
      driftedShareAlert: read('health.driftedShareAlert', 0.2),
    },
  };
}
