import { PollingLoop } from '@greenroom/ai-node';
import type { Environments } from '@greenroom/plugin-ai-registry-common';
import type { Jobs } from '../jobs/createJobs';
import type { Templates } from '../templates/createTemplates';
import type { TrainingParts } from '../trainingParts';
import { createRetrainingRouter } from './createRetrainingRouter';
import { Retrainer } from './Retrainer';
import type { RetrainingNotices } from './RetrainingNotices';
import {
  AuthorizedRetrainingService,
  DefaultRetrainingService,
} from './RetrainingService';
import type { RetrainingSources } from './RetrainingSources';
import { RetrainingStore } from './RetrainingStore';

const LOOK_INTERVAL_MILLIS = 60_000;
/** Whoever presses buttons again and again wakes it again and again. */
const MOST_SHARE_OF_LOOKING = 0.3;

/** Models that are trained again by themselves. */
export function createRetraining(
  parts: TrainingParts & {
    environments: Environments;
    jobs: Pick<Jobs, 'store' | 'unasked'>;
    notices: RetrainingNotices;
    sources: RetrainingSources;
    templates: Pick<Templates, 'store'>;
  },
) {
  const store = new RetrainingStore(parts);
  const retrainer = new Retrainer({
    ...parts,
    environments: parts.environments.names,
    jobs: parts.jobs.unasked,
    jobStore: parts.jobs.store,
    store,
    templates: parts.templates.store,
  });
  const loop = new PollingLoop({
    name: 'Training models again',
    intervalMillis: LOOK_INTERVAL_MILLIS,
    mostShare: MOST_SHARE_OF_LOOKING,
    logger: parts.logger,
    run: signal => retrainer.run(signal),
  });
  const retrainings = new AuthorizedRetrainingService({
    ...parts,
    store,
    retrainings: new DefaultRetrainingService({
      ...parts,
      store,
      templates: parts.templates.store,
      wake: () => loop.wake(),
    }),
  });
  return {
    router: createRetrainingRouter({ ...parts, retrainings }),
    loop,
  };
}
