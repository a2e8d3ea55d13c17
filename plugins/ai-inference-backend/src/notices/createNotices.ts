import { PollingLoop } from '@greenroom/ai-node';
import type { InferenceParts } from '../inferenceParts';
import { NoticeStore } from './NoticeStore';
import { OwnerNotifier } from './OwnerNotifier';

const INTERVAL_MILLIS = 10_000;

/** Tells owners what does not load, and what was decided about their rollouts. */
export function createNotices(parts: InferenceParts) {
  const { knex, logger } = parts;
  const notifier = new OwnerNotifier({
    ...parts,
    notices: new NoticeStore({ knex }),
  });
  return {
    loop: new PollingLoop({
      name: 'Telling owners what does not load, and what was decided',
      intervalMillis: INTERVAL_MILLIS,
      logger,
      run: signal => notifier.run(signal),
    }),
  };
}
