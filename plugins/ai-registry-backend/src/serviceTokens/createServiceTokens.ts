import { CatalogEntityDirectory, type DeclaredToken } from '@greenroom/ai-node';
import type { RegistryParts } from '../registryParts';
import { createServiceTokenRouter } from './createServiceTokenRouter';
import { ServiceTokenService } from './ServiceTokenService';
import { ServiceTokenStore } from './ServiceTokenStore';

/** Tokens of programs: those that are issued here, and those that the configuration declares. */
export function createServiceTokens(
  parts: RegistryParts & { declared: DeclaredToken[] },
) {
  const serviceTokens = new ServiceTokenService({
    ...parts,
    store: new ServiceTokenStore(parts),
    directory: new CatalogEntityDirectory(parts),
  });
  return { router: createServiceTokenRouter({ ...parts, serviceTokens }) };
}
