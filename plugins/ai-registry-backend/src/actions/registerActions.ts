import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ModelService } from '../models/ModelService';
import type { VersionService } from '../versions/VersionService';
import type { DatasetService } from '../datasets/DatasetService';
import type { PortalPages } from '@greenroom/ai-node';
import type { DeprecationService } from '../deprecations/DeprecationService';
import type { PromotionService } from '../promotion/PromotionService';
import { registerAddEvaluation } from './registerAddEvaluation';
import { registerCompareVersions } from './registerCompareVersions';
import { registerDeprecations } from './registerDeprecations';
import { registerGetModel } from './registerGetModel';
import { registerGetModelVersion } from './registerGetModelVersion';
import { registerGetDataset } from './registerGetDataset';
import { registerListDatasets } from './registerListDatasets';
import { registerListModels } from './registerListModels';
import type { MeasurementService } from '../measurements/MeasurementService';
import { registerMeasurements } from './registerMeasurements';
import { registerPromotions } from './registerPromotions';

/** What agents and templates can do with the registry; the services ask for permission. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  models: ModelService;
  versions: VersionService;
  datasets: DatasetService;
  deprecations: DeprecationService;
  measurements: MeasurementService;
  promotions: Pick<PromotionService, 'promote' | 'list'>;
  pages: Pick<PortalPages, 'promotion'>;
}): void {
  registerListModels(options);
  registerGetModel(options);
  registerGetModelVersion(options);
  registerCompareVersions(options);
  registerAddEvaluation(options);
  registerMeasurements(options);
  registerListDatasets(options);
  registerGetDataset(options);
  registerDeprecations(options);
  registerPromotions(options);
}
