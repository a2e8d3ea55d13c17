import type { Entity } from '@backstage/catalog-model';
import { ENTITY_TYPE_AI_MODEL } from '@greenroom/plugin-ai-registry-common';

/** Whether an entity of the catalog is a registered model. */
export function isAiModel(entity: Entity): boolean {
  return (
    entity.kind.toLowerCase() === 'resource' &&
    entity.spec?.type === ENTITY_TYPE_AI_MODEL
  );
}
