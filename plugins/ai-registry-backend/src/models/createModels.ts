import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { CatalogEntityDirectory } from '@greenroom/ai-node';
import { aiRegistryPermissions } from '@greenroom/plugin-ai-registry-common';
import {
  aiModelInEnvironmentResourceRef,
  aiModelResourceRef,
  findPlaces,
  isInEnvironment,
  isModelNamed,
  isModelOwner,
  isOwnerOfModelInEnvironment,
} from '../permissions';
import type { RegistryParts } from '../registryParts';
import { AuthorizedModelService } from './AuthorizedModelService';
import { createModelRouter } from './createModelRouter';
import { DefaultModelService } from './ModelService';
import { ModelStore } from './ModelStore';

export type Models = ReturnType<typeof createModels>;

/** Models, and the permissions on them and on the places where they run. */
export function createModels(parts: RegistryParts) {
  const { claims, permissionsRegistry } = parts;
  const store = new ModelStore(parts);
  permissionsRegistry.addResourceType({
    resourceRef: aiModelResourceRef,
    permissions: aiRegistryPermissions,
    rules: [isModelNamed, isModelOwner],
    // Deleted ones are brought back by those who may change them.
    getResources: names =>
      store.getMany(names, parts.knex, { withDeleted: true }),
  });
  permissionsRegistry.addResourceType({
    resourceRef: aiModelInEnvironmentResourceRef,
    rules: [isOwnerOfModelInEnvironment, isInEnvironment],
    getResources: refs => findPlaces(refs, names => store.getMany(names)),
  });
  const service = new AuthorizedModelService({
    ...parts,
    models: new DefaultModelService({
      models: store,
      claims,
      changes: parts.changes,
      directory: new CatalogEntityDirectory(parts),
    }),
  });
  return {
    store,
    service,
    router: createModelRouter({ ...parts, models: service }),
    async ownedBy(credentials: BackstageCredentials) {
      const owners = await claims.of(credentials);
      return { models: await store.listOwned(owners), owners };
    },
  };
}
