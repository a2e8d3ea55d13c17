import type { Config } from '@backstage/config';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readQuantity } from '../../backends/quantity';

const DEFAULT_AWAY_SECONDS = 120;
const LONGEST_AWAY_SECONDS = 24 * 60 * 60;
const MOST_SLOTS = 1_000;

/** How this machine runs training: `aiTraining.local`; `config.d.ts` explains each. */
export interface LocalTrainingSettings {
  /** Absolute path; undefined where no folder is configured for anything. */
  directory: string | undefined;
  slots: number;
  /** Undefined is no bound. */
  memoryBytes: number | undefined;
  python: string;
  awaySeconds: number;
}

/**
 * @returns undefined unless it is enabled
 * @throws Error that names the setting that is wrong, and what was expected
 */
export function readLocalSettings(
  root: Config,
  processors = availableParallelism(),
): LocalTrainingSettings | undefined {
  const config = root.getOptionalConfig('aiTraining.local');
  // What templates say is run as the user of the control plane: nobody has that by chance.
  if (!config?.getOptionalBoolean('enabled')) return undefined;
  const own = config?.getOptionalString('directory');
  const artifacts = root.getOptionalString('aiRegistry.artifacts.directory');
  const beside = artifacts && join(dirname(resolve(artifacts)), 'training');
  return {
    directory: own ? resolve(own) : beside,
    slots: wholeNumber(config, 'slots', {
      fallback: Math.max(1, Math.floor(processors / 2)),
      most: MOST_SLOTS,
    }),
    memoryBytes: readMemory(config),
    python: config?.getOptionalString('python') ?? 'python3',
    awaySeconds: wholeNumber(config, 'awaySeconds', {
      fallback: DEFAULT_AWAY_SECONDS,
      most: LONGEST_AWAY_SECONDS,
    }),
  };
}

function wholeNumber(
  config: Config | undefined,
  name: string,
  { fallback, most }: { fallback: number; most: number },
): number {
  const value = config?.getOptionalNumber(name) ?? fallback;
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(
    `The setting aiTraining.local.${name} is ${value}, but must be a whole number from 1 to ${most}`,
  );
}

function readMemory(config: Config | undefined): number | undefined {
  const text = config?.getOptionalString('memory');
  if (text === undefined) return undefined;
  const bytes = readQuantity(text);
  if (bytes) return bytes;
  throw new Error(
    `The setting aiTraining.local.memory is '${text}': expected an amount such as 2Gi or 512Mi`,
  );
}
