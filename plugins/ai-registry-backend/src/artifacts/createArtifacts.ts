import {
  type ArtifactStore,
  FolderArtifactStore,
  S3ArtifactStore,
} from '@greenroom/artifact-store';
import type { RegistryConfig } from '../config';
import type { RegistryParts } from '../registryParts';
import { ArtifactCollector } from './ArtifactCollector';
import { DefaultArtifactService } from './ArtifactService';
import { ArtifactUses } from './ArtifactUses';
import { AuthorizedArtifactService } from './AuthorizedArtifactService';
import { createArtifactRouter } from './createArtifactRouter';

export type Artifacts = Awaited<ReturnType<typeof createArtifacts>>;

/** The files that versions are made of. */
export async function createArtifacts(parts: RegistryParts) {
  const { config, knex, logger } = parts;
  const store = await createStore(config.artifacts);
  const collector = new ArtifactCollector({
    knex,
    artifacts: store,
    graceMillis: config.artifacts.graceMillis,
    logger,
  });
  const service = new AuthorizedArtifactService({
    ...parts,
    artifacts: new DefaultArtifactService({ artifacts: store, collector }),
    uses: new ArtifactUses({ knex }),
    environments: config.environments,
  });
  return {
    store,
    router: createArtifactRouter({
      ...parts,
      artifacts: service,
      maxBytes: config.artifacts.maxBytes,
    }),
    /** Removes what uploads that broke off left behind, and what no version uses. */
    async tidy(signal: AbortSignal): Promise<void> {
      await store.removeLeftovers();
      await collector.collect({ dryRun: false, signal });
    },
  };
}

function createStore(
  config: RegistryConfig['artifacts'],
): Promise<ArtifactStore> {
  const { store, directory, maxBytes } = config;
  return store.type === 's3'
    ? S3ArtifactStore.create({ ...store, directory, maxBytes })
    : FolderArtifactStore.create({ directory, maxBytes });
}
