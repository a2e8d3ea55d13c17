import type { Experiments } from '../experiments/createExperiments';
import type { LoggedModelStore } from '../loggedModels/LoggedModelStore';
import type { RunStore } from '../runs/RunStore';
import type { TrainingParts } from '../trainingParts';
import { createImportRouter } from './createImportRouter';
import { ImportService } from './ImportService';
import { ImportStore } from './ImportStore';

/** What comes from another server. */
export function createImports(
  parts: TrainingParts & {
    guard: Experiments['guard'];
    runs: RunStore;
    loggedModels: LoggedModelStore;
  },
) {
  const service = new ImportService({
    ...parts,
    imports: new ImportStore(parts),
    models: parts.loggedModels,
  });
  return { router: createImportRouter({ ...parts, imports: service }) };
}
