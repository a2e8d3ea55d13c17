import { PollingLoop } from '@greenroom/ai-node';
import type { ComparisonCounter } from '../comparisons/ComparisonCounter';
import type { MonitoringParts } from '../monitoringParts';
import type { OutcomeCounter } from '../outcomes/OutcomeCounter';
import type { RecentRowKeeper } from '../recentRows/createRecentRows';
import { WindowCompactor } from '../windows/WindowCompactor';
import { createRecordRouter } from './createRecordRouter';
import { RecordRetention } from './RecordRetention';
import { RecordService } from './RecordService';
import { UpdateSignals } from './UpdateSignals';

const HOUSEKEEPING_INTERVAL_MILLIS = 60_000;

/** What data planes tell, and how long it is kept at which resolution. */
export function createRecords(
  parts: MonitoringParts & {
    comparisons: ComparisonCounter;
    outcomes: OutcomeCounter;
    recentRows: RecentRowKeeper;
  },
) {
  const { clock, config, knex, logger } = parts;
  const { retention, maxClockOffsetMillis } = config;
  const signals = new UpdateSignals(parts);
  const records = new RecordService({
    ...parts,
    signals,
    maxClockOffsetMillis,
    keepMillis: retention.hourMillis,
  });
  const compactor = new WindowCompactor({ ...parts, retention });
  const recordRetention = new RecordRetention({ knex });
  return {
    router: createRecordRouter({ ...parts, records }),
    loop: new PollingLoop({
      name: 'Merging windows',
      intervalMillis: HOUSEKEEPING_INTERVAL_MILLIS,
      logger,
      async run(signal) {
        await compactor.run(signal);
        const nowMillis = clock().getTime();
        await recordRetention.forget({
          batchesBefore: new Date(nowMillis - retention.batchMillis),
          lossesBefore: new Date(nowMillis - retention.hourMillis),
          signal,
        });
      },
    }),
    /** Ends what waits to be told to open pages. */
    stop: () => signals.stop(),
  };
}
