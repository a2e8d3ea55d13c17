import { CatalogEntityDirectory } from '@greenroom/ai-node';
import type { InferenceParts } from '../inferenceParts';
import type { ModelOwners } from '../permissions/ModelOwners';
import { AuthorizedKeyService } from './AuthorizedKeyService';
import { createKeyRouter } from './createKeyRouter';
import { DefaultKeyService } from './KeyService';

/** The keys of callers. */
export function createKeys(parts: InferenceParts & { owners: ModelOwners }) {
  const { config, owners } = parts;
  const service = new AuthorizedKeyService({
    ...parts,
    environments: config.environments,
    keys: new DefaultKeyService({
      ...parts,
      ...config.keys,
      directory: new CatalogEntityDirectory(parts),
      models: owners,
    }),
  });
  return { router: createKeyRouter({ ...parts, keys: service }) };
}
