import { PollingLoop } from '@greenroom/ai-node';
import { InferenceDataPlanes } from '../adapters/inference/InferenceDataPlanes';
import type { Artifacts } from '../artifacts/createArtifacts';
import type { Datasets } from '../datasets/createDatasets';
import type { Models } from '../models/createModels';
import { PromotionStore } from '../promotion/PromotionStore';
import type { RegistryParts } from '../registryParts';
import type { Versions } from '../versions/createVersions';
import { AuthorizedEvaluationRunService } from './AuthorizedEvaluationRunService';
import { createEvaluationRunRouter } from './createEvaluationRunRouter';
import { EvaluationRuns } from './EvaluationRuns';
import { DefaultEvaluationRunService } from './EvaluationRunService';
import { EvaluationRunStore } from './EvaluationRunStore';
import { PromptSets } from './PromptSets';
import { RunFinisher } from './RunFinisher';
import { RunKeeper } from './RunKeeper';
import { WorkService } from './WorkService';

/** Who told all rows waits for the result; others are looked at so often. */
const LOOK_INTERVAL_MILLIS = 2_000;

export type EvaluationRunsFeature = ReturnType<typeof createEvaluationRuns>;

/** Versions that data planes ask the rows of prompt sets, and how their answers are judged. */
export function createEvaluationRuns(
  parts: RegistryParts & {
    models: Pick<Models, 'service' | 'store'>;
    versions: Pick<Versions, 'store' | 'evaluations'>;
    datasets: Pick<Datasets, 'unguarded'>;
    artifacts: Pick<Artifacts, 'store'>;
  },
) {
  const { knex, logger, config } = parts;
  const { connections, environments } = config;
  const shared = {
    ...parts,
    connections,
    environments,
    store: new EvaluationRunStore({ knex }),
    versions: parts.versions.store,
    evaluations: parts.versions.evaluations,
    artifacts: parts.artifacts.store,
    sets: new PromptSets({ datasets: parts.datasets.unguarded }),
  };
  const finisher = new RunFinisher({
    ...shared,
    models: parts.models.store,
    promotions: new PromotionStore({ knex }),
  });
  const keeper = new RunKeeper({
    finisher,
    waker: new InferenceDataPlanes({
      discoveryApi: parts.discovery,
      auth: parts.auth,
    }),
    logger,
  });
  const keeping = new PollingLoop({
    name: 'looking after evaluation runs',
    intervalMillis: LOOK_INTERVAL_MILLIS,
    logger,
    run: signal => keeper.run(signal),
  });
  const wake = () => keeping.wake();
  const runs = new EvaluationRuns({ ...shared, onNews: wake });
  const work = new WorkService({ ...shared, finisher, onTold: wake });
  const service = new AuthorizedEvaluationRunService({
    ...parts,
    models: parts.models.service,
    runs: new DefaultEvaluationRunService({
      ...shared,
      runs,
      waitingFor: environment => keeper.waitingFor(environment),
    }),
  });
  return {
    runs,
    service,
    waitingFor: (environment: string) => keeper.waitingFor(environment),
    router: createEvaluationRunRouter({ ...parts, runs: service, work }),
    loop: {
      start: () => keeping.start(),
      async stop() {
        work.stop();
        await keeping.stop();
      },
    },
  };
}
