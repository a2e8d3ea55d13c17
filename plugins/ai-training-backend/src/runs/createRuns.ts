import type { Experiments } from '../experiments/createExperiments';
import { InputService } from '../inputs/InputService';
import { InputStore } from '../inputs/InputStore';
import { MetricService } from '../metrics/MetricService';
import { MetricStore } from '../metrics/MetricStore';
import { createInputRoutes } from '../mlflow/inputRoutes';
import { createMetricRoutes } from '../mlflow/metricRoutes';
import { createRunRoutes } from '../mlflow/runRoutes';
import type { RunNotices } from '../notices/RunNotices';
import type { TrainingParts } from '../trainingParts';
import { AuthorizedRunService } from './AuthorizedRunService';
import { createRunRouter } from './createRunRouter';
import { type RunFinder, RunLists } from './RunLists';
import { DefaultRunService } from './RunService';
import { RunStore } from './RunStore';

export type Runs = ReturnType<typeof createRuns>;

/** Runs, and what they say of themselves. */
export function createRuns(
  parts: TrainingParts & {
    experiments: Pick<Experiments, 'guard' | 'store'>;
    finder: RunFinder;
    notices: Pick<RunNotices, 'failed'>;
  },
) {
  const { finder } = parts;
  const { guard, store: experiments } = parts.experiments;
  const store = new RunStore(parts);
  const service = new AuthorizedRunService({
    runs: new DefaultRunService({ ...parts, runs: store, experiments }),
    store,
    guard,
  });
  const metrics = new MetricService({
    metrics: new MetricStore(parts),
    runs: service,
  });
  const inputs = new InputService({
    inputs: new InputStore(parts),
    runs: store,
    guard,
  });
  const lists = new RunLists({ runs: store, finder, guard });
  return {
    store,
    service,
    lists,
    router: createRunRouter({ ...parts, runs: service, lists, metrics }),
    mlflowRoutes: [
      createRunRoutes({ ...parts, runs: service }),
      createMetricRoutes({ metrics }),
      createInputRoutes({ inputs }),
    ],
  };
}
