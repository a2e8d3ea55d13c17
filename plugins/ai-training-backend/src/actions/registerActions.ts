import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ConversionService } from '../conversions/ConversionService';
import type { ExperimentService } from '../experiments/ExperimentService';
import type { JobService } from '../jobs/JobService';
import type { RunLists } from '../runs/RunLists';
import type { RunService } from '../runs/RunService';
import type { TemplateService } from '../templates/TemplateService';
import { registerListExperiments } from './registerListExperiments';
import { registerReadJobs } from './registerReadJobs';
import { registerReadRuns } from './registerReadRuns';
import { registerSteerJobs } from './registerSteerJobs';
import { registerConversions } from './registerConversions';
import { registerFindRuns } from './registerFindRuns';

/** What agents and templates can ask of training; the services ask for permission. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  experiments: Pick<ExperimentService, 'list' | 'getByName'>;
  runs: Pick<RunService, 'get'>;
  lists: Pick<RunLists, 'list'>;
  templates: Pick<TemplateService, 'list'>;
  jobs: Pick<
    JobService,
    'list' | 'get' | 'readLog' | 'submit' | 'cancel' | 'retry'
  >;
  conversions: ConversionService;
}): void {
  registerListExperiments(options);
  registerFindRuns(options);
  registerReadRuns(options);
  registerReadJobs(options);
  registerSteerJobs(options);
  registerConversions(options);
}
