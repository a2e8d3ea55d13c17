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

/** Resources of this type are training templates, by their names. What one may do with their jobs follows from them. */
export const RESOURCE_TYPE_AI_TRAINING_TEMPLATE = 'ai-training-template';

/** See templates, what is queued, and who uses how much of each flavor. Jobs are read as their experiments are. */
export const aiTemplateReadPermission = createPermission({
  name: 'ai-training.template.read',
  attributes: { action: 'read' },
});

/** Register a template of an owner that one belongs to: what it says is run. */
export const aiTemplateRegisterPermission = createPermission({
  name: 'ai-training.template.register',
  attributes: { action: 'create' },
});

/** Register a template of an owner that one does not belong to. */
export const aiTemplateRegisterForOthersPermission = createPermission({
  name: 'ai-training.template.register-for-others',
  attributes: { action: 'create' },
});

/** Have a template read again, or removed. */
export const aiTemplateUpdatePermission = createPermission({
  name: 'ai-training.template.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_TRAINING_TEMPLATE,
});

/** Submit jobs of a template: they use its owner's quota and budget. */
export const aiJobSubmitPermission = createPermission({
  name: 'ai-training.job.submit',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_AI_TRAINING_TEMPLATE,
});

/** Cancel and retry jobs of a template. */
export const aiJobSteerPermission = createPermission({
  name: 'ai-training.job.steer',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_AI_TRAINING_TEMPLATE,
});

/** Pass on what holders of keys ask of training jobs, in an environment. For data planes. */
export const aiJobForwardPermission = createPermission({
  name: 'ai-training.job.forward',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_AI_TRAINING_TEMPLATE,
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
  aiJobForwardPermission,
  aiJobSteerPermission,
  aiJobSubmitPermission,
  aiRunWritePermission,
  aiTemplateReadPermission,
  aiTemplateRegisterForOthersPermission,
  aiTemplateRegisterPermission,
  aiTemplateUpdatePermission,
  aiTrainingAuditReadPermission,
];
