import { createPermission } from '@backstage/plugin-permission-common';

/** Resources of this type are named `<environment>/<model>`. */
export const RESOURCE_TYPE_AI_DEPLOYMENT = 'ai-deployment';

export const aiDeploymentReadPermission = createPermission({
  name: 'ai-inference.deployment.read',
  attributes: { action: 'read' },
});

/** Issue a key that may call models. */
export const aiKeyCreatePermission = createPermission({
  name: 'ai-inference.key.create',
  attributes: { action: 'create' },
});

/** Issue a key for an owner that one does not belong to. */
export const aiKeyCreateForOthersPermission = createPermission({
  name: 'ai-inference.key.create-for-others',
  attributes: { action: 'create' },
});

/** Issue a key that may call every model, also those to come. */
export const aiKeyCreateForAllModelsPermission = createPermission({
  name: 'ai-inference.key.create-for-all-models',
  attributes: { action: 'create' },
});

/** Revoke somebody else's key; one's own may always be revoked. */
export const aiKeyRevokePermission = createPermission({
  name: 'ai-inference.key.revoke',
  attributes: { action: 'delete' },
});

/** Call a model from the portal, and issue keys that may. */
export const aiModelInvokePermission = createPermission({
  name: 'ai-inference.model.invoke',
  attributes: {},
  resourceType: RESOURCE_TYPE_AI_DEPLOYMENT,
});

/** Change the pace of a rollout, never its target: for the model's owners and reviewers. */
export const aiRolloutSteerPermission = createPermission({
  name: 'ai-inference.rollout.steer',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_DEPLOYMENT,
});

/** Start and stop the data plane that the control plane runs for an environment, have connections checked, and read the logs of its pods. The resource is `<environment>/*`. */
export const aiDataPlaneOperatePermission = createPermission({
  name: 'ai-inference.data-plane.operate',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_DEPLOYMENT,
});

/** Learn what an environment's data planes serve, and the hashes of the keys they take. For data planes. */
export const aiSnapshotReadPermission = createPermission({
  name: 'ai-inference.snapshot.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AI_DEPLOYMENT,
});

/** Read the whole audit log; without it, people read what happened to that which they own. */
export const aiInferenceAuditReadPermission = createPermission({
  name: 'ai-inference.audit.read',
  attributes: { action: 'read' },
});

export const aiInferencePermissions = [
  aiInferenceAuditReadPermission,
  aiSnapshotReadPermission,
  aiDeploymentReadPermission,
  aiRolloutSteerPermission,
  aiDataPlaneOperatePermission,
  aiKeyCreatePermission,
  aiKeyCreateForOthersPermission,
  aiKeyCreateForAllModelsPermission,
  aiKeyRevokePermission,
  aiModelInvokePermission,
];
