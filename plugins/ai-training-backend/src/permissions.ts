import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  type Experiment,
  RESOURCE_TYPE_AI_EXPERIMENT,
} from '@greenroom/plugin-ai-training-common';
import { z } from 'zod';

/** A condition on experiments that can be turned into SQL. */
export interface OwnerCondition {
  /** The owner is one of these entity refs. */
  ownerIn: string[];
}

export const aiExperimentResourceRef = createPermissionResourceRef<
  Experiment,
  OwnerCondition
>().with({
  pluginId: 'ai-training',
  resourceType: RESOURCE_TYPE_AI_EXPERIMENT,
});

/** Lets those pass who own the experiment, themselves or through a group. */
export const isExperimentOwner = createPermissionRule({
  name: 'IS_EXPERIMENT_OWNER',
  description: 'The experiment is owned by one of the claims',
  resourceRef: aiExperimentResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs that the caller owns things through'),
  }),
  apply: (experiment, { claims }) => claims.includes(experiment.owner),
  toQuery: ({ claims }) => ({ ownerIn: claims }),
});

const onExperiments = createConditionExports({
  resourceRef: aiExperimentResourceRef,
  rules: { isExperimentOwner },
});

/** Conditions on experiments, for a policy of one's own. */
export const aiExperimentConditions = onExperiments.conditions;
export const createAiExperimentConditionalDecision =
  onExperiments.createConditionalDecision;
