import type { Config } from '@backstage/config';
import {
  type LocalTrainingSettings,
  readLocalSettings,
} from './adapters/localProcess/readLocalSettings';

/** The plugin's settings; `config.d.ts` explains each. */
export interface TrainingConfig {
  audit: { keepMonths: number };
  /** Undefined where this machine runs no training. */
  local: LocalTrainingSettings | undefined;
}

export function readTrainingConfig(config: Config): TrainingConfig {
  const key = 'aiTraining.audit.keepMonths';
  const keepMonths = config.getOptionalNumber(key) ?? 13;
  if (!(keepMonths > 0)) {
    throw new Error(`The setting ${key} is ${keepMonths}, but must be above 0`);
  }
  return { audit: { keepMonths }, local: readLocalSettings(config) };
}
