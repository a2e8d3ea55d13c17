import type { Entity } from '@backstage/catalog-model';
import {
  ANNOTATION_DATASET,
  ENTITY_TYPE_DATASET,
} from '@greenroom/plugin-ai-registry-common';

/** Whether an entity of the catalog is a dataset of the registry; others may be of that type, too. */
export function isAiDataset(entity: Entity): boolean {
  return (
    entity.kind.toLowerCase() === 'resource' &&
    entity.spec?.type === ENTITY_TYPE_DATASET &&
    entity.metadata.annotations?.[ANNOTATION_DATASET] !== undefined
  );
}
