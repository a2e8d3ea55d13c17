import type { Artifacts } from '../artifacts/createArtifacts';
import { CatalogEntityDirectory } from '@greenroom/ai-node';
import {
  aiDatasetResourceRef,
  isDatasetNamed,
  isDatasetOwner,
} from '../permissions';
import type { RegistryParts } from '../registryParts';
import { AuthorizedDatasetService } from './AuthorizedDatasetService';
import { createDatasetRouter } from './createDatasetRouter';
import { DatasetFiles } from './DatasetFiles';
import { DatasetStore } from './DatasetStore';
import { DatasetVersionStore } from './DatasetVersionStore';
import { DefaultDatasetService } from './DefaultDatasetService';
import { DatasetFileReader } from './rows/DatasetFileReader';

export type Datasets = ReturnType<typeof createDatasets>;

/** Datasets, their versions and their rows. */
export function createDatasets(
  parts: RegistryParts & { artifacts: Artifacts },
) {
  const { permissionsRegistry, config } = parts;
  const artifacts = parts.artifacts.store;
  const store = new DatasetStore(parts);
  permissionsRegistry.addResourceType({
    resourceRef: aiDatasetResourceRef,
    rules: [isDatasetNamed, isDatasetOwner],
    getResources: names => store.getMany(names),
  });
  /** For what the registry does by itself: asks nobody for permission. */
  const unguarded = new DefaultDatasetService({
    datasets: store,
    versions: new DatasetVersionStore(parts),
    files: new DatasetFiles({ artifacts }),
    reader: new DatasetFileReader({ artifacts }),
    artifacts,
    changes: parts.changes,
    directory: new CatalogEntityDirectory(parts),
  });
  const service = new AuthorizedDatasetService({
    ...parts,
    datasets: unguarded,
  });
  return {
    store,
    unguarded,
    service,
    router: createDatasetRouter({
      ...parts,
      datasets: service,
      maxBytes: config.artifacts.maxBytes,
    }),
  };
}
