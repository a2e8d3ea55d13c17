import { PollingLoop } from '@greenroom/ai-node';
import type { InferenceParts } from '../inferenceParts';
import { ConsumerNotifier } from './ConsumerNotifier';
import { ConsumerStore } from './ConsumerStore';
import { createConsumerRouter } from './createConsumerRouter';

const INTERVAL_MILLIS = 10_000;

/** Who may call which model, and what they are told when it is deprecated. */
export function createDeprecations(parts: InferenceParts) {
  const { knex, logger } = parts;
  const consumers = new ConsumerStore({ knex });
  const notifier = new ConsumerNotifier({
    ...parts,
    consumers,
    copies: parts.deprecationCopies,
  });
  return {
    router: createConsumerRouter({ ...parts, consumers }),
    loop: new PollingLoop({
      name: 'Telling owners of keys what is deprecated',
      intervalMillis: INTERVAL_MILLIS,
      logger,
      run: signal => notifier.run(signal),
    }),
  };
}
