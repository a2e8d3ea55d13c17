import { PollingLoop } from '@greenroom/ai-node';
import type { RecordBatch } from '@greenroom/plugin-ai-inference-common';
import type { Knex } from 'knex';
import type { MonitoringParts } from '../monitoringParts';
import type { DeployedSettings } from '../outcomes/DeployedSettings';
import { createRecentRowRouter } from './createRecentRowRouter';
import { PersonalModels } from './PersonalModels';
import { KEEP_MILLIS, RecentRowStore } from './RecentRowStore';

const HOUSEKEEPING_INTERVAL_MILLIS = 10_000;

/** Keeps rows of the models whose manifest asks for it. */
export interface RecentRowKeeper {
  /** In the transaction of a batch. */
  add(tx: Knex.Transaction, batch: RecordBatch): Promise<void>;
}

/** The last rows of models that ask for it and are not personal, for a day. */
export function createRecentRows(
  parts: MonitoringParts & { settings: DeployedSettings },
) {
  const { clock, logger, settings } = parts;
  const store = new RecentRowStore(parts);
  const personal = new PersonalModels(parts);
  const asking = () => settings.list().filter(({ recentRows }) => recentRows);
  const keeper: RecentRowKeeper = {
    add: (tx, batch) =>
      store.add(
        tx,
        batch,
        model =>
          settings.find(batch.environment, model)?.recentRows === true &&
          personal.has(model) === false,
      ),
  };
  return {
    keeper,
    router: createRecentRowRouter({ ...parts, store }),
    loop: new PollingLoop({
      name: 'Forgetting recent rows',
      intervalMillis: HOUSEKEEPING_INTERVAL_MILLIS,
      logger,
      async run() {
        await settings.refresh();
        await store.forgetBefore(new Date(clock().getTime() - KEEP_MILLIS));
        // What nobody was asked about yet may be wanted.
        if (!settings.isKnown) return;
        await personal.ask([...new Set(asking().map(({ model }) => model))]);
        await store.forgetOthers(
          asking().filter(({ model }) => personal.has(model) !== true),
        );
      },
    }),
  };
}
