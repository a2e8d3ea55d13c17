import { WorkQueue } from '@greenroom/ai-node';
import type { Datasets } from '../datasets/createDatasets';
import type { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import type { Models } from '../models/createModels';
import { PromotionStore } from '../promotion/PromotionStore';
import type { RegistryParts } from '../registryParts';
import type { Versions } from '../versions/createVersions';
import { AuthorizedMeasurementService } from './AuthorizedMeasurementService';
import { createMeasurementRouter } from './createMeasurementRouter';
import { GateMeasurements } from './GateMeasurements';
import { Measurements } from './Measurements';
import { DefaultMeasurementService } from './MeasurementService';
import { MeasurementStore } from './MeasurementStore';
import { MeasurementWorker } from './MeasurementWorker';

/** Of one that something of ours broke off: its few attempts outlast a storage that is away for minutes. */
const RETRY_MILLIS = 60_000;

export type MeasurementsFeature = ReturnType<typeof createMeasurements>;

/** Versions that answer the rows of datasets, and how good the answers are. */
export function createMeasurements(
  parts: Pick<
    RegistryParts,
    'auditor' | 'changes' | 'httpAuth' | 'knex' | 'logger' | 'permissions'
  > & {
    config: Pick<RegistryParts['config'], 'environments'>;
    models: Pick<Models, 'service' | 'store'>;
    versions: Pick<Versions, 'store' | 'evaluations'> & {
      trials: Pick<Versions['trials'], 'answer' | 'mostRowsCharacters'>;
    };
    datasets: Pick<Datasets, 'unguarded'>;
    deployments: Pick<DesiredDeploymentStore, 'find'>;
    /** How long a worker that was killed keeps others from its measurement. */
    leaseMillis?: number;
  },
) {
  const { knex, config } = parts;
  const store = new MeasurementStore({ knex });
  const queue = new WorkQueue({
    knex,
    table: 'measurement_work',
    key: 'measurement',
    leaseMillis: parts.leaseMillis,
    retryMillis: RETRY_MILLIS,
  });
  const shared = {
    ...parts,
    store,
    queue,
    versions: parts.versions.store,
    datasets: parts.datasets.unguarded,
  };
  const worker = new MeasurementWorker({
    ...shared,
    models: parts.models.store,
    evaluations: parts.versions.evaluations,
    trials: parts.versions.trials,
    promotions: new PromotionStore({ knex }),
  });
  const measurements = new Measurements({
    ...shared,
    environments: config.environments,
    onNews: () => worker.wake(),
  });
  const unguarded = new DefaultMeasurementService({ store, measurements });
  const service = new AuthorizedMeasurementService({
    ...parts,
    models: parts.models.service,
    measurements: unguarded,
  });
  return {
    /** Asks nobody for permission. */
    unguarded,
    service,
    worker,
    gateMeasurements: new GateMeasurements({
      measurements,
      store,
      models: parts.models.store,
      datasets: parts.datasets.unguarded,
    }),
    router: createMeasurementRouter({ ...parts, measurements: service }),
  };
}
