import type { Config } from '@backstage/config';

/** The plugin's settings; `config.d.ts` explains each. */
export interface TrainingConfig {
  audit: { keepMonths: number };
}

export function readTrainingConfig(config: Config): TrainingConfig {
  const key = 'aiTraining.audit.keepMonths';
  const keepMonths = config.getOptionalNumber(key) ?? 13;
  if (!(keepMonths > 0)) {
    throw new Error(`The setting ${key} is ${keepMonths}, but must be above 0`);
  }
  return { audit: { keepMonths } };
}
