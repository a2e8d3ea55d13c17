import {
  type ArtifactSettings,
  openArtifactStore,
} from '@greenroom/artifact-store';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import type { LoggedModelStore } from '../loggedModels/LoggedModelStore';
import { createArtifactRoutes } from '../mlflow/artifactRoutes';
import type { RunStore } from '../runs/RunStore';
import type { TrainingParts } from '../trainingParts';
import { ArtifactRows } from './ArtifactRows';
import { DefaultArtifactService } from './ArtifactService';
import { AuthorizedArtifactService } from './AuthorizedArtifactService';
import { createArtifactUsesRouter } from './createArtifactUsesRouter';

export type Artifacts = Awaited<ReturnType<typeof createArtifacts>>;

/** Files of runs and logged models, in the store that the registry has its files in, too. */
export async function createArtifacts(
  parts: TrainingParts & {
    settings: ArtifactSettings;
    guard: ExperimentGuard;
    /** What else keeps contents. */
    findUsedSources(digests: readonly string[]): Promise<string[]>;
    runs: Pick<RunStore, 'get'>;
    loggedModels: Pick<LoggedModelStore, 'getMany'>;
  },
) {
  const { settings, guard, runs, loggedModels } = parts;
  const rows = new ArtifactRows(parts);
  const store = await openArtifactStore(settings);
  const service = new AuthorizedArtifactService({
    guard,
    artifacts: new DefaultArtifactService({
      rows,
      store,
      runs,
      models: loggedModels,
    }),
  });
  return {
    service,
    rows,
    store,
    router: createArtifactUsesRouter({ ...parts, rows }),
    mlflowRoutes: createArtifactRoutes({
      ...parts,
      artifacts: service,
      maxBytes: settings.maxBytes,
    }),
  };
}
