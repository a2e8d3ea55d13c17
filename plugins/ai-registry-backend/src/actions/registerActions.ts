import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ModelService } from '../models/ModelService';
import type { VersionService } from '../versions/VersionService';
import type { DatasetService } from '../datasets/DatasetService';
import type { DeprecationService } from '../deprecations/DeprecationService';
import { registerCompareVersions } from './registerCompareVersions';
import { registerDeprecations } from './registerDeprecations';
import { registerGetModelVersion } from './registerGetModelVersion';
import { registerGetDataset } from './registerGetDataset';
import { registerListDatasets } from './registerListDatasets';
import { registerListModels } from './registerListModels';

/** What agents and templates can do with the registry; the services ask for permission. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  models: ModelService;
  versions: VersionService;
  datasets: DatasetService;
  deprecations: DeprecationService;
}): void {
  registerListModels(options);
  registerGetModelVersion(options);
  registerCompareVersions(options);
  registerListDatasets(options);
  registerGetDataset(options);
  registerDeprecations(options);
}
