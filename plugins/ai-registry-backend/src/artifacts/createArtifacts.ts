import { openArtifactStore } from '@greenroom/artifact-store';
import type { ArtifactUser } from '@greenroom/plugin-ai-registry-node';
import type { RegistryParts } from '../registryParts';
import { ArtifactCollector } from './ArtifactCollector';
import { DefaultArtifactService } from './ArtifactService';
import { ArtifactUses } from './ArtifactUses';
import { AuthorizedArtifactService } from './AuthorizedArtifactService';
import { createArtifactRouter } from './createArtifactRouter';

export type Artifacts = Awaited<ReturnType<typeof createArtifacts>>;

/** The files that versions are made of. */
export async function createArtifacts(
  parts: RegistryParts & {
    /** Who uses artifacts besides the registry. */
    artifactUsers: readonly ArtifactUser[];
  },
) {
  const { config, knex, logger } = parts;
  const store = await openArtifactStore(config.artifacts);
  const collector = new ArtifactCollector({
    knex,
    artifacts: store,
    users: parts.artifactUsers,
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
    /** Removes what uploads that broke off left behind, and what nobody uses. */
    async tidy(signal: AbortSignal): Promise<void> {
      await store.removeLeftovers();
      await collector.collect({ dryRun: false, signal });
    },
  };
}
