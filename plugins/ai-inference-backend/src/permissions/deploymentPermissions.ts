import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_AI_DEPLOYMENT } from '@greenroom/plugin-ai-inference-common';
import { z } from 'zod';

/** A model where it is served, or would be; named `<environment>/<model>`. */
export interface DeploymentResource {
  environment: string;
  model: string;
  /** Entity ref of the model's owner; empty for `*`, the environment as a whole. */
  owner: string;
}

/** A condition on deployments. */
export interface DeploymentCondition {
  ownerIn?: string[];
  environmentIn?: string[];
}

export const aiDeploymentResourceRef = createPermissionResourceRef<
  DeploymentResource,
  DeploymentCondition
>().with({
  pluginId: 'ai-inference',
  resourceType: RESOURCE_TYPE_AI_DEPLOYMENT,
});

/** Lets those pass who own the model, themselves or through a group. */
export const isOwnerOfDeployedModel = createPermissionRule({
  name: 'IS_MODEL_OWNER',
  description: 'The model is owned by one of the claims',
  resourceRef: aiDeploymentResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs that the caller owns things through'),
  }),
  apply: ({ owner }, { claims }) => owner !== '' && claims.includes(owner),
  toQuery: ({ claims }) => ({ ownerIn: claims }),
});

/** Lets pass in some environments: "everybody may call what runs in dev". */
export const isDeployedInEnvironment = createPermissionRule({
  name: 'IS_IN_ENVIRONMENT',
  description: 'It is about one of the environments',
  resourceRef: aiDeploymentResourceRef,
  paramsSchema: z.object({
    environments: z.array(z.string()).describe('Such as dev and staging'),
  }),
  apply: ({ environment }, { environments }) =>
    environments.includes(environment),
  toQuery: ({ environments }) => ({ environmentIn: environments }),
});

const exported = createConditionExports({
  resourceRef: aiDeploymentResourceRef,
  rules: {
    isModelOwner: isOwnerOfDeployedModel,
    isInEnvironment: isDeployedInEnvironment,
  },
});

/** Conditions on deployments, for a policy of one's own. */
export const aiDeploymentConditions = exported.conditions;
export const createAiDeploymentConditionalDecision =
  exported.createConditionalDecision;
