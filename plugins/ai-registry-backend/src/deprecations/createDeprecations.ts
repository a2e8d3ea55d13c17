import type { Models } from '../models/createModels';
import type { RegistryParts } from '../registryParts';
import type { Versions } from '../versions/createVersions';
import { AuthorizedDeprecationService } from './AuthorizedDeprecationService';
import { createDeprecationRouter } from './createDeprecationRouter';
import { DefaultDeprecationService } from './DeprecationService';
import { DeprecationStore } from './DeprecationStore';

export type Deprecations = ReturnType<typeof createDeprecations>;

/** Models and versions that should not be used any more, until when, and what to use instead. */
export function createDeprecations(
  parts: RegistryParts & { models: Models; versions: Versions },
) {
  const { models, versions } = parts;
  const store = new DeprecationStore(parts);
  const service = new AuthorizedDeprecationService({
    ...parts,
    models: models.service,
    deprecations: new DefaultDeprecationService({
      ...parts,
      deprecations: store,
      models: models.store,
      versions: versions.store,
      clock: () => new Date(),
    }),
  });
  return {
    store,
    service,
    router: createDeprecationRouter({ ...parts, deprecations: service }),
  };
}
