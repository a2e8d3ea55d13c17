import { createPermission } from '@backstage/plugin-permission-common';

export const RESOURCE_TYPE_AI_MODEL = 'ai-model';

export const RESOURCE_TYPE_AI_DATASET = 'ai-dataset';

/** Resources of this type are named by {@link placeRef}: the same model elsewhere is another one. */
export const RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT = 'ai-model-in-environment';

/** A model in an environment, as permissions name it: `<environment>/<model>`. */
export function placeRef(place: {
  environment: string;
  model: string;
}): string {
  return `${place.environment}/${place.model}`;
}

/** The other way round; undefined for a text that names no place. */
export function parsePlaceRef(
  ref: string,
): { environment: string; model: string } | undefined {
  const [environment, model, ...rest] = ref.split('/');
  return environment && model && rest.length === 0
    ? { environment, model }
    : undefined;
}

export const aiModelReadPermission = createPermission({
  name: 'ai-registry.model.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AI_MODEL,
});

/** Register a model, and upload the files that versions are made of. */
export const aiModelCreatePermission = createPermission({
  name: 'ai-registry.model.create',
  attributes: { action: 'create' },
});

/** Register a model for an owner that one does not belong to, or hand one over to such. */
export const aiModelCreateForOthersPermission = createPermission({
  name: 'ai-registry.model.create-for-others',
  attributes: { action: 'create' },
});

/** Change a model: its description, its versions, its aliases. */
export const aiModelUpdatePermission = createPermission({
  name: 'ai-registry.model.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_MODEL,
});

/** Register versions of a model, and change those that one has registered oneself. For programs that may do no more. */
export const aiVersionRegisterPermission = createPermission({
  name: 'ai-registry.version.register',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_AI_MODEL,
});

/** Ask for a version to run in an environment, or for a rollback. */
export const aiModelPromotePermission = createPermission({
  name: 'ai-registry.model.promote',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
});

/** Approve or reject somebody else's promotion. */
export const aiModelReviewPermission = createPermission({
  name: 'ai-registry.model.review',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
});

/** Let a gate of somebody else's promotion pass that found something against it, or waits. */
export const aiPromotionOverridePermission = createPermission({
  name: 'ai-registry.promotion.override',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
});

/** Download the files of versions that run, or ran, in an environment; on `<environment>/*`, take prompts to ask there. For data planes. */
export const aiArtifactReadPermission = createPermission({
  name: 'ai-registry.artifact.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT,
});

/** Remove artifacts that no version uses. */
export const aiArtifactCollectPermission = createPermission({
  name: 'ai-registry.artifact.collect',
  attributes: { action: 'delete' },
});

/** See that a dataset is there: its columns, its versions, what is evaluated on it. */
export const aiDatasetReadPermission = createPermission({
  name: 'ai-registry.dataset.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AI_DATASET,
});

/** Read a dataset's rows: preview and download them. */
export const aiDatasetDownloadPermission = createPermission({
  name: 'ai-registry.dataset.download',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AI_DATASET,
});

export const aiDatasetCreatePermission = createPermission({
  name: 'ai-registry.dataset.create',
  attributes: { action: 'create' },
});

/** Make a dataset for an owner that one does not belong to, or hand one over to such. */
export const aiDatasetCreateForOthersPermission = createPermission({
  name: 'ai-registry.dataset.create-for-others',
  attributes: { action: 'create' },
});

/** Change a dataset: its description, its versions. */
export const aiDatasetUpdatePermission = createPermission({
  name: 'ai-registry.dataset.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_DATASET,
});

/** Read the whole audit log; without it, people read what happened to that which they own. */
export const aiRegistryAuditReadPermission = createPermission({
  name: 'ai-registry.audit.read',
  attributes: { action: 'read' },
});

/** See, issue and revoke the tokens of programs. Asked of people alone. */
export const aiServiceTokenManagePermission = createPermission({
  name: 'ai-registry.service-token.manage',
  attributes: { action: 'update' },
});

/** See, make and change web hooks of any model, or of all; who may update a model manages those that name only it. */
export const aiWebhookManagePermission = createPermission({
  name: 'ai-registry.webhook.manage',
  attributes: { action: 'update' },
});

export const aiRegistryPermissions = [
  aiWebhookManagePermission,
  aiServiceTokenManagePermission,
  aiRegistryAuditReadPermission,
  aiArtifactCollectPermission,
  aiArtifactReadPermission,
  aiDatasetReadPermission,
  aiDatasetDownloadPermission,
  aiDatasetCreatePermission,
  aiDatasetCreateForOthersPermission,
  aiDatasetUpdatePermission,
  aiModelReadPermission,
  aiModelCreatePermission,
  aiModelCreateForOthersPermission,
  aiModelUpdatePermission,
  aiVersionRegisterPermission,
  aiModelPromotePermission,
  aiModelReviewPermission,
  aiPromotionOverridePermission,
];
