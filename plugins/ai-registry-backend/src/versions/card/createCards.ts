import type express from 'express';
import type { ModelStore } from '../../models/ModelStore';
import type { RegistryParts } from '../../registryParts';
import type { EvaluationStore } from '../EvaluationStore';
import type { VersionService } from '../VersionService';
import type { VersionStore } from '../VersionStore';
import { CardService } from './CardService';
import { createCardRouter } from './createCardRouter';

/** The model cards of versions, in the format of Hugging Face. */
export function createCards(
  parts: RegistryParts & {
    models: ModelStore;
    versions: VersionStore;
    evaluations: EvaluationStore;
    readable: Pick<VersionService, 'get'>;
  },
): express.Router {
  return createCardRouter({ ...parts, cards: new CardService(parts) });
}
