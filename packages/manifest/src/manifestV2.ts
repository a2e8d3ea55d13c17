import {
  ENVIRONMENT_NAME_PATTERN,
  MODEL_NAME_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import { z } from 'zod';
import { analysisSchema } from './sections/analysis';
import { automatedPromotionSchema } from './sections/automatedPromotion';
import { digestSchema, versionSchema } from './sections/bounds';
import { evaluationSchema } from './sections/evaluation';
import { outcomesSchema, recentRowsSchema } from './sections/records';
import { rolloutSchema } from './sections/rollout';
import {
  batchingSchema,
  placementSchema,
  responseCacheSchema,
  loadingSchema,
  languageModelSchema,
  replicasSchema,
  resourcesSchema,
} from './sections/serving';

export const API_VERSION_2 = 'greenroom.dev/v2';

/** The same in all versions of the manifest. */
export const headerShape = {
  kind: z.literal('ModelDeployment').describe('A model in an environment.'),
  metadata: z
    .strictObject({
      name: z
        .string()
        .regex(MODEL_NAME_PATTERN, 'expected a model name')
        .describe("Name of the model, as in the file's name."),
      environment: z
        .string()
        .regex(ENVIRONMENT_NAME_PATTERN, 'expected an environment')
        .describe("Name of the environment, as in the file's folder."),
    })
    .describe('Which deployment it is.'),
};

export const rollbackToSchema = z
  .strictObject({ version: versionSchema, digest: digestSchema })
  .describe('Where a rollback goes; what ran before when it is left out.');

export const specSchema = z
  .strictObject({
    version: versionSchema,
    digest: digestSchema,
    rollout: rolloutSchema,
    rollbackTo: rollbackToSchema.optional(),
    analysis: analysisSchema.optional(),
    evaluation: evaluationSchema.optional(),
    outcomes: outcomesSchema.optional(),
    recentRows: recentRowsSchema.optional(),
    batching: batchingSchema.optional(),
    placement: placementSchema.optional(),
    responseCache: responseCacheSchema.optional(),
    loading: loadingSchema.optional(),
    replicas: replicasSchema.optional(),
    resources: resourcesSchema.optional(),
    languageModel: languageModelSchema.optional(),
    automatedPromotion: automatedPromotionSchema.optional(),
  })
  .check(({ value, issues }) => {
    const complain = (path: string[], message: string) =>
      issues.push({ code: 'custom', input: value, path, message });
    const { rollout, analysis, version, digest } = value;
    if (
      rollout.strategy === 'adaptive' &&
      !analysis?.metrics.some(({ name }) => name === rollout.metric)
    ) {
      complain(
        ['rollout', 'metric'],
        `expected the name of a metric under spec.analysis.metrics, got '${rollout.metric}'`,
      );
    }
    if (
      rollout.strategy === 'experiment' &&
      ![rollout.control, ...rollout.treatments].some(
        variant => variant.version === version && variant.digest === digest,
      )
    ) {
      complain(
        ['rollout', 'treatments'],
        `expected version ${version} with its digest among the variants`,
      );
    }
  })
  .describe('What runs, and how.');

/** The manifest, with all its sections; {@link findNotInForce} says which of them do nothing yet. */
export const manifestSchema = z
  .strictObject({
    apiVersion: z
      .literal(API_VERSION_2)
      .describe('The version of this format.'),
    ...headerShape,
    spec: specSchema,
  })
  .check(({ value, issues }) => {
    const { fallbacks = [] } = value.spec.languageModel ?? {};
    fallbacks.forEach(({ model }, index) => {
      if (model !== value.metadata.name) return;
      issues.push({
        code: 'custom',
        input: value,
        path: ['spec', 'languageModel', 'fallbacks', index, 'model'],
        message: `'${model}' is the model itself: expected another one`,
      });
    });
  })
  .describe(
    'Says which version of a model runs in an environment, and how traffic moves to it.',
  );

/** `environments/<environment>/models/<model>.yaml`: the truth of what is promoted. */
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestSpec = Manifest['spec'];
