import { createPermission } from '@backstage/plugin-permission-common';

/** Resources of this type are experiments, by their ids. Runs, what they measured and their artifacts inherit. */
export const RESOURCE_TYPE_AI_EXPERIMENT = 'ai-experiment';

export const aiExperimentReadPermission = createPermission({
  name: 'ai-training.experiment.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_AI_EXPERIMENT,
});

/** Make an experiment that one owns. */
export const aiExperimentCreatePermission = createPermission({
  name: 'ai-training.experiment.create',
  attributes: { action: 'create' },
});

/** Make an experiment for an owner that one does not belong to, or hand one over to such. */
export const aiExperimentCreateForOthersPermission = createPermission({
  name: 'ai-training.experiment.create-for-others',
  attributes: { action: 'create' },
});

/** Start runs in an experiment, and log to them. */
export const aiRunWritePermission = createPermission({
  name: 'ai-training.run.write',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_EXPERIMENT,
});

/** Rename an experiment, hand it over, delete and restore it or its runs. */
export const aiExperimentUpdatePermission = createPermission({
  name: 'ai-training.experiment.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_EXPERIMENT,
});

/** Read the whole audit log; without it, people read what happened to that which they own. */
export const aiTrainingAuditReadPermission = createPermission({
  name: 'ai-training.audit.read',
  attributes: { action: 'read' },
});

export const aiTrainingPermissions = [
  aiExperimentCreatePermission,
  aiExperimentCreateForOthersPermission,
  aiExperimentReadPermission,
  aiExperimentUpdatePermission,
  aiRunWritePermission,
  aiTrainingAuditReadPermission,
];
