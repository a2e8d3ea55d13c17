import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  type Experiment,
  RESOURCE_TYPE_AI_EXPERIMENT,
  RESOURCE_TYPE_AI_TRAINING_TEMPLATE,
  type TemplateSpec,
} from '@greenroom/plugin-ai-training-common';
import { isLikeName, NAMED_RULE, toLikePatterns } from '@greenroom/ai-node';
import { z } from 'zod';

/** A condition on experiments that can be turned into SQL. */
export type OwnerCondition =
  | {
      /** The owner is one of these entity refs. */
      ownerIn: string[];
    }
  | {
      /** The id is like one of these patterns, as SQL has them. */
      nameLike: string[];
    };

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

/** Lets tokens pass whose scopes name the experiment, by its id. */
export const isExperimentNamed = createPermissionRule({
  name: NAMED_RULE,
  description: 'The id of the experiment is like one of the patterns',
  resourceRef: aiExperimentResourceRef,
  paramsSchema: z.object({
    patterns: z.array(z.string()).describe('Ids; * stands for any letters'),
  }),
  apply: ({ id }, { patterns }) => isLikeName(patterns, id),
  toQuery: ({ patterns }) => ({ nameLike: toLikePatterns(patterns) }),
});

const onExperiments = createConditionExports({
  resourceRef: aiExperimentResourceRef,
  rules: { isExperimentNamed, isExperimentOwner },
});

/** Conditions on experiments, for a policy of one's own. */
export const aiExperimentConditions = onExperiments.conditions;
export const createAiExperimentConditionalDecision =
  onExperiments.createConditionalDecision;

/** What permissions have to know of a template. */
export interface OwnedTemplate {
  spec: Pick<TemplateSpec, 'owner'>;
}

export const aiTemplateResourceRef = createPermissionResourceRef<
  OwnedTemplate,
  OwnerCondition
>().with({
  pluginId: 'ai-training',
  resourceType: RESOURCE_TYPE_AI_TRAINING_TEMPLATE,
});

/** Lets those pass who own the template, themselves or through a group. */
export const isTemplateOwner = createPermissionRule({
  name: 'IS_TEMPLATE_OWNER',
  description: 'The template is owned by one of the claims',
  resourceRef: aiTemplateResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs that the caller owns things through'),
  }),
  apply: ({ spec }, { claims }) => claims.includes(spec.owner),
  toQuery: ({ claims }) => ({ ownerIn: claims }),
});

const onTemplates = createConditionExports({
  resourceRef: aiTemplateResourceRef,
  rules: { isTemplateOwner },
});

/** Conditions on training templates, for a policy of one's own. */
export const aiTemplateConditions = onTemplates.conditions;
export const createAiTemplateConditionalDecision =
  onTemplates.createConditionalDecision;
