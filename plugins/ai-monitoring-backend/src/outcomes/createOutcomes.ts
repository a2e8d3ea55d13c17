import { PollingLoop } from '@greenroom/ai-node';
import type { MonitoringParts } from '../monitoringParts';
import { createOutcomeRouter } from './createOutcomeRouter';
import { DeployedSettings } from './DeployedSettings';
import { forgetOutcomes } from './forgetOutcomes';
import { OutcomeCounter } from './OutcomeCounter';
import { OutcomeRetention } from './OutcomeRetention';
import { OutcomeService } from './OutcomeService';
import { OutcomeStore } from './OutcomeStore';

const HOUSEKEEPING_INTERVAL_MILLIS = 60_000;

/** What became of requests, as their callers say. */
export function createOutcomes(parts: MonitoringParts) {
  const { clock, config, knex, logger } = parts;
  const settings = new DeployedSettings(parts);
  const retention = new OutcomeRetention({ knex });
  const store = new OutcomeStore({
    maxPredictionsADay: config.outcomes.maxPredictionsADay,
  });
  const service = new OutcomeService({ ...parts, settings });
  return {
    counter: new OutcomeCounter({ store, retention, settings }),
    router: createOutcomeRouter({ ...parts, service }),
    settings,
    loop: new PollingLoop({
      name: 'Forgetting requests and their outcomes',
      intervalMillis: HOUSEKEEPING_INTERVAL_MILLIS,
      logger,
      run: signal =>
        forgetOutcomes({
          retention,
          settings,
          now: clock(),
          keepSumsMillis: config.retention.hourMillis,
          signal,
        }),
    }),
  };
}
