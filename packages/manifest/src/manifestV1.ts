import { z } from 'zod';
import {
  API_VERSION_2,
  headerShape,
  type Manifest,
  rollbackToSchema,
} from './manifestV2';
import { planSchema, rolloutOf } from './rolloutPlan';
import { digestSchema, versionSchema, WEEK_SECONDS } from './sections/bounds';
import { batchingSchema } from './sections/serving';

export const API_VERSION_1 = 'greenroom.dev/v1';

/** What manifests were before: still read, never written. */
export const manifestV1Schema = z.strictObject({
  apiVersion: z.literal(API_VERSION_1),
  ...headerShape,
  spec: z.strictObject({
    version: versionSchema,
    digest: digestSchema,
    rollout: planSchema(z.number().min(0).max(WEEK_SECONDS)),
    rollbackTo: rollbackToSchema.optional(),
    batching: batchingSchema.optional(),
  }),
});

export type ManifestV1 = z.infer<typeof manifestV1Schema>;

/** The same deployment, as it is written today. */
export function upgradeV1(manifest: ManifestV1): Manifest {
  const { kind, metadata, spec } = manifest;
  const { rollout, ...rest } = spec;
  return {
    apiVersion: API_VERSION_2,
    kind,
    metadata,
    spec: { ...rest, rollout: rolloutOf(rollout) },
  };
}
