import type { Models } from '../models/createModels';
import type { RegistryParts } from '../registryParts';
import type { Versions } from '../versions/createVersions';
import { DefaultAliasService } from './AliasService';
import { AliasStore } from './AliasStore';
import { AuthorizedAliasService } from './AuthorizedAliasService';
import { createAliasRouter } from './createAliasRouter';

export type Aliases = ReturnType<typeof createAliases>;

/** Names that move from version to version; those of environments follow Git. */
export function createAliases(
  parts: RegistryParts & { models: Models; versions: Versions },
) {
  const { models, versions, config } = parts;
  const store = new AliasStore(parts);
  const service = new DefaultAliasService({
    ...parts,
    aliases: store,
    models: models.store,
    versions: versions.store,
    environments: config.environments,
  });
  return {
    store,
    /** Asks nobody: what is merged is in force. */
    followGit: service,
    router: createAliasRouter({
      ...parts,
      aliases: new AuthorizedAliasService({
        ...parts,
        aliases: service,
        models: models.service,
      }),
    }),
  };
}
