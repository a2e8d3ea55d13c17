import { ProcessTrialRunner } from '../adapters/process/ProcessTrialRunner';
import type { RegistryConfig } from '../config';
import type { TrialRunner } from './TrialRunner';
import { Trials, type TrialsOptions } from './Trials';

/** Trials as the configuration says. */
export function createTrials({
  config,
  ...options
}: Omit<TrialsOptions, 'runner'> & { config: RegistryConfig }): Trials {
  return new Trials({ ...options, runner: createRunner(config.trial) });
}

function createRunner({
  program,
  ...limits
}: RegistryConfig['trial']): TrialRunner | { why: string } {
  return program === undefined
    ? { why: 'aiRegistry.trial.program is not set.' }
    : new ProcessTrialRunner({ program, ...limits });
}
