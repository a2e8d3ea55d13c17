import {
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  RESOURCE_TYPE_AI_MODEL,
  type Model,
} from '@greenroom/plugin-ai-registry-common';
import { isLikeName, NAMED_RULE, toLikePatterns } from '@greenroom/ai-node';
import { z } from 'zod';
import type { OwnerCondition } from './OwnerCondition';

/** A condition on models that the store can turn into SQL. */
export type ModelCondition = OwnerCondition;

export const aiModelResourceRef = createPermissionResourceRef<
  Model,
  ModelCondition
>().with({ pluginId: 'ai-registry', resourceType: RESOURCE_TYPE_AI_MODEL });

/** Lets those pass who own the model, themselves or through a group. */
export const isModelOwner = createPermissionRule({
  name: 'IS_MODEL_OWNER',
  description: 'The model is owned by one of the claims',
  resourceRef: aiModelResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs that the caller owns things through'),
  }),
  apply: (model, { claims }) => claims.includes(model.owner),
  toQuery: ({ claims }) => ({ ownerIn: claims }),
});

/** Lets tokens pass whose scopes name the model. */
export const isModelNamed = createPermissionRule({
  name: NAMED_RULE,
  description: 'The name of the model is like one of the patterns',
  resourceRef: aiModelResourceRef,
  paramsSchema: z.object({
    patterns: z.array(z.string()).describe('Names; * stands for any letters'),
  }),
  apply: (model, { patterns }) => isLikeName(patterns, model.name),
  toQuery: ({ patterns }) => ({ nameLike: toLikePatterns(patterns) }),
});
