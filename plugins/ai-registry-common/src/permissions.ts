import { createPermission } from '@backstage/plugin-permission-common';

export const RESOURCE_TYPE_AI_MODEL = 'ai-model';

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

/** Change a model: its description, its versions, its aliases. */
export const aiModelUpdatePermission = createPermission({
  name: 'ai-registry.model.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_MODEL,
});

/** Ask for a version to run in an environment, or for a rollback. */
export const aiModelPromotePermission = createPermission({
  name: 'ai-registry.model.promote',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_MODEL,
});

/** Approve or reject somebody else's promotion. */
export const aiModelReviewPermission = createPermission({
  name: 'ai-registry.model.review',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_MODEL,
});

/** Resources of this type are named `<environment>/<model>`. */
export const RESOURCE_TYPE_AI_MODEL_IN_ENVIRONMENT = 'ai-model-in-environment';

/** Download the files of versions that run, or ran, in an environment. For data planes. */
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

export const aiRegistryPermissions = [
  aiArtifactCollectPermission,
  aiArtifactReadPermission,
  aiModelReadPermission,
  aiModelCreatePermission,
  aiModelUpdatePermission,
  aiModelPromotePermission,
  aiModelReviewPermission,
];
