import { PollingLoop } from '@greenroom/ai-node';
import { JudgingTurn } from '../health/JudgingTurn';
import type { MonitoringParts } from '../monitoringParts';
import { ComparisonCounter } from './ComparisonCounter';
import { ComparisonService } from './ComparisonService';
import { ComparisonSource } from './ComparisonSource';
import { ComparisonStore } from './ComparisonStore';
import { createComparisonRouter } from './createComparisonRouter';
import { HistoryKeeper } from './HistoryKeeper';
import { PointStore } from './PointStore';

const KEEPING_INTERVAL_MILLIS = 2_000;
const KEEPING_REST_MILLIS = 5_000;

/** Versions that are compared: what is counted of each, and what that says. */
export function createComparisons(parts: MonitoringParts) {
  const { config, knex, logger } = parts;
  const store = new ComparisonStore({
    knex,
    maxUnits: config.comparisons.maxUnits,
  });
  const points = new PointStore({ knex });
  const source = new ComparisonSource({ ...parts, store });
  const service = new ComparisonService({ ...parts, store, points, source });
  const keeper = new HistoryKeeper({
    ...parts,
    store,
    points,
    service,
    turn: new JudgingTurn({ knex, row: 'comparisons' }),
    restMillis: KEEPING_REST_MILLIS,
    keepMillis: config.retention.hourMillis,
  });
  return {
    counter: new ComparisonCounter({ source, store }),
    router: createComparisonRouter({ ...parts, service }),
    loop: new PollingLoop({
      name: 'Remembering how comparisons stand',
      intervalMillis: KEEPING_INTERVAL_MILLIS,
      logger,
      run: signal => keeper.run(signal),
    }),
    service,
    store,
  };
}
