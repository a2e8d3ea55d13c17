import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ExperimentService } from '../experiments/ExperimentService';
import type { RunLists } from '../runs/RunLists';
import type { RunService } from '../runs/RunService';
import { registerListExperiments } from './registerListExperiments';
import { registerReadRuns } from './registerReadRuns';
import { registerFindRuns } from './registerFindRuns';

/** What agents and templates can ask of tracked training; the services ask for permission. */
export function registerActions(options: {
  actionsRegistry: ActionsRegistryService;
  experiments: Pick<ExperimentService, 'list' | 'getByName'>;
  runs: Pick<RunService, 'get'>;
  lists: Pick<RunLists, 'list'>;
}): void {
  registerListExperiments(options);
  registerFindRuns(options);
  registerReadRuns(options);
}
