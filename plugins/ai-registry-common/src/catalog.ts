/** Annotation on a catalog entity that names the registered model behind it. */
export const ANNOTATION_MODEL = 'greenroom.dev/model';

/**
 * Annotation on the API entity of a deployed model that names its environment, which is its
 * namespace too.
 */
export const ANNOTATION_ENVIRONMENT = 'greenroom.dev/environment';

/** Annotation on the entity of a model: when something of it, its versions or its aliases changed last; ISO 8601. */
export const ANNOTATION_UPDATED_AT = 'greenroom.dev/updated-at';

/**
 * Namespace of the entities that stand for datasets: a model and a dataset may have the same name,
 * and both are resources.
 */
export const DATASET_ENTITY_NAMESPACE = 'datasets';

/** Annotation on a catalog entity that names the dataset behind it. */
export const ANNOTATION_DATASET = 'greenroom.dev/dataset';

/** `spec.type` of the `Resource` entity that stands for a dataset. */
export const ENTITY_TYPE_DATASET = 'dataset';

/** `spec.type` of the `Resource` entity that stands for a registered model. */
export const ENTITY_TYPE_AI_MODEL = 'ai-model';
