import {
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  type Dataset,
  RESOURCE_TYPE_AI_DATASET,
} from '@greenroom/plugin-ai-registry-common';
import { isLikeName, NAMED_RULE, toLikePatterns } from '@greenroom/ai-node';
import { z } from 'zod';
import type { OwnerCondition } from './OwnerCondition';

export const aiDatasetResourceRef = createPermissionResourceRef<
  Dataset,
  OwnerCondition
>().with({ pluginId: 'ai-registry', resourceType: RESOURCE_TYPE_AI_DATASET });

/** Lets those pass who own the dataset, themselves or through a group. */
export const isDatasetOwner = createPermissionRule({
  name: 'IS_DATASET_OWNER',
  description: 'The dataset is owned by one of the claims',
  resourceRef: aiDatasetResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs that the caller owns things through'),
  }),
  apply: (dataset, { claims }) => claims.includes(dataset.owner),
  toQuery: ({ claims }) => ({ ownerIn: claims }),
});

/** Lets tokens pass whose scopes name the dataset. */
export const isDatasetNamed = createPermissionRule({
  name: NAMED_RULE,
  description: 'The name of the dataset is like one of the patterns',
  resourceRef: aiDatasetResourceRef,
  paramsSchema: z.object({
    patterns: z.array(z.string()).describe('Names; * stands for any letters'),
  }),
  apply: (dataset, { patterns }) => isLikeName(patterns, dataset.name),
  toQuery: ({ patterns }) => ({ nameLike: toLikePatterns(patterns) }),
});
