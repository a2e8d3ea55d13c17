import type { Models } from '../models/createModels';
import type { RegistryParts } from '../registryParts';
import { AsOfReader } from './AsOfReader';
import { AuthorizedAsOfReader } from './AuthorizedAsOfReader';
import { createAsOfRouter } from './createAsOfRouter';

/** What was said of a model at a moment. */
export function createAsOf(parts: RegistryParts & { models: Models }) {
  const reader = new AuthorizedAsOfReader({
    ...parts,
    models: parts.models.store,
    reader: new AsOfReader(parts),
  });
  return { router: createAsOfRouter({ ...parts, reader }) };
}
