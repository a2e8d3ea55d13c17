import { PollingLoop } from '@greenroom/ai-node';
import type { MonitoringParts } from '../monitoringParts';
import { OwnerNotifier } from '../notices/OwnerNotifier';
import { HealthJudge } from './HealthJudge';
import { HealthReader } from './HealthReader';
import { HealthService } from './HealthService';
import { JudgingTurn } from './JudgingTurn';
import { RecentStore } from './RecentStore';
import { VerdictStore } from './VerdictStore';

const JUDGING_INTERVAL_MILLIS = 1_000;
const JUDGING_REST_MILLIS = 5_000;

/** How the models are, for the lists and for their owners. */
export function createHealth(parts: MonitoringParts) {
  const { config, knex, logger } = parts;
  const verdicts = new VerdictStore(parts);
  const reader = new HealthReader({
    ...parts,
    recent: new RecentStore({ knex }),
    thresholds: config.health,
  });
  const judge = new HealthJudge({
    ...parts,
    reader,
    verdicts,
    notifier: new OwnerNotifier(parts),
    turn: new JudgingTurn({ knex }),
    rules: config.notices,
    restMillis: JUDGING_REST_MILLIS,
  });
  return {
    service: new HealthService({ ...parts, reader, verdicts }),
    loop: new PollingLoop({
      name: 'Judging the health of the models',
      intervalMillis: JUDGING_INTERVAL_MILLIS,
      logger,
      run: signal => judge.run(signal),
    }),
  };
}
