import type { Aliases } from '../aliases/createAliases';
import { DesiredDeploymentStore } from '../environments/DesiredDeploymentStore';
import type { Models } from '../models/createModels';
import { PromotionStore } from '../promotion/PromotionStore';
import type { RegistryParts } from '../registryParts';
import type { Versions } from '../versions/createVersions';
import { AuthorizedDeletionService } from './AuthorizedDeletionService';
import { createDeletionRouter } from './createDeletionRouter';
import { DefaultDeletionService } from './DeletionService';

/** Models and versions that are hidden until somebody brings them back. */
export function createDeletions(
  parts: RegistryParts & {
    models: Models;
    versions: Versions;
    aliases: Aliases;
  },
) {
  const { models, versions, aliases, config } = parts;
  const deletions = new AuthorizedDeletionService({
    ...parts,
    deletions: new DefaultDeletionService({
      ...parts,
      models: models.store,
      versions: versions.store,
      aliases: aliases.followGit,
      deployments: new DesiredDeploymentStore(parts),
      promotions: new PromotionStore(parts),
      environments: config.environments,
    }),
  });
  return { router: createDeletionRouter({ ...parts, deletions }) };
}
