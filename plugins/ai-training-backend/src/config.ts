import type { Config } from '@backstage/config';
import { isAbsolute } from 'node:path';
import { type Flavor, readFlavors } from '@greenroom/plugin-ai-registry-common';
import type { TemplateLocation } from '@greenroom/plugin-ai-training-common';
import {
  type LocalTrainingSettings,
  readLocalSettings,
} from './adapters/localProcess/readLocalSettings';
import { readQuantity } from './backends/quantity';
import type { ConversionSettings } from './conversions/ConversionService';
import type { Budget } from './costs/Budgets';
import type { TeamQuota } from './queue/queue';
import { readQuotas } from './queue/readQuotas';

const DAY_MILLIS = 24 * 60 * 60_000;
const MOST_ENTRIES = 1_000;

/** The plugin's settings; `config.d.ts` explains each. */
export interface TrainingConfig {
  audit: { keepMonths: number };
  /** Templates that the portal itself names. */
  templates: TemplateLocation[];
  flavors: Flavor[];
  quotas: TeamQuota[];
  budgets: Budget[];
  keepCheckpointsMillis: number;
  conversion: ConversionSettings;
  /** Undefined where this machine runs no training. */
  local: LocalTrainingSettings | undefined;
}

export function readTrainingConfig(config: Config): TrainingConfig {
  const flavors = readFlavors(config);
  return {
    audit: {
      keepMonths: readPositive(config, 'aiTraining.audit.keepMonths', 13),
    },
    templates: (
      config.getOptionalConfigArray('aiTraining.templates') ?? []
    ).map(entry => ({ type: 'file', target: entry.getString('file') })),
    flavors,
    quotas: readQuotas(config, flavors),
    budgets: readBudgets(config),
    keepCheckpointsMillis:
      readPositive(config, 'aiTraining.checkpoints.keepDays', 7) * DAY_MILLIS,
    conversion: readConversion(config),
    local: readLocalSettings(config),
  };
}

function readPositive(config: Config, key: string, otherwise: number): number {
  const value = config.getOptionalNumber(key) ?? otherwise;
  if (value > 0) return value;
  throw new Error(`The setting ${key} is ${value}, but must be above 0`);
}

function readBudgets(config: Config): Budget[] {
  const key = 'aiTraining.budgets';
  const entries = config.getOptionalConfigArray(key) ?? [];
  if (entries.length > MOST_ENTRIES) {
    throw new Error(
      `${key} has ${entries.length} entries: expected at most ${MOST_ENTRIES}`,
    );
  }
  const teams = new Set<string>();
  return entries.map((entry, index) => {
    const team = entry.getString('team');
    if (teams.has(team)) {
      throw new Error(
        `${key}[${index}].team is '${team}', as that of another one: expected one budget a team`,
      );
    }
    teams.add(team);
    const amount = entry.getNumber('amountPerMonth');
    if (!(amount >= 0)) {
      throw new Error(
        `${key}[${index}].amountPerMonth is ${amount}: expected a number from 0 on`,
      );
    }
    return {
      team,
      amount,
      currency: entry.getOptionalString('currency') ?? 'USD',
      stops: entry.getOptionalBoolean('stopsRunning') ?? false,
    };
  });
}

function readConversion(root: Config): ConversionSettings {
  const config = root.getOptionalConfig('aiTraining.conversion');
  const image = config?.getOptionalString('image');
  const pythonLock = config?.getOptionalString('pythonLock');
  const memory = config?.getOptionalString('memory');
  if (pythonLock !== undefined && !isAbsolute(pythonLock)) {
    throw new Error(
      `The setting aiTraining.conversion.pythonLock is '${pythonLock}': expected the absolute path of a lock file`,
    );
  }
  if (memory !== undefined && !readQuantity(memory)) {
    throw new Error(
      `The setting aiTraining.conversion.memory is '${memory}': expected an amount such as 4Gi or 512Mi`,
    );
  }
  return { image, pythonLock, memory };
}
