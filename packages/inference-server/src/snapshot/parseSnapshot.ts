import type { Snapshot } from '@greenroom/plugin-ai-inference-common';
import { z } from 'zod';
import { DATATYPE_FACTS } from '../domain/datatypes';
import type { Datatype } from '../domain/tensor';

const datatype = z.enum(
  Object.keys(DATATYPE_FACTS) as [Datatype, ...Datatype[]],
);

const tensor = z.object({
  name: z.string().min(1),
  datatype,
  shape: z.array(z.int().min(-1)),
});

/** What columns and values of a version mean. */
export const modelSchema = z.object({
  task: z.enum(['classification', 'regression']),
  features: z.array(
    z.object({
      name: z.string(),
      tensor: z.string(),
      index: z.int().min(0),
      description: z.string().optional(),
      unit: z.string().optional(),
      range: z.tuple([z.number(), z.number()]).optional(),
    }),
  ),
  image: z
    .object({
      tensor: z.string(),
      width: z.number(),
      height: z.number(),
      maxValue: z.number(),
    })
    .optional(),
  prediction: z.object({
    tensor: z.string(),
    labels: z.array(z.string()).optional(),
    probabilityTensor: z.string().optional(),
    unit: z.string().optional(),
  }),
});

/** Inputs and outputs of a version. */
export const signatureSchema = z.object({
  inputs: z.array(tensor).min(1),
  outputs: z.array(tensor).min(1),
});

/** How requests are computed together. */
export const batchingSchema = z.object({
  maxRows: z.int().min(1),
  maxDelayMicros: z.number().min(0),
  mode: z.enum(['auto', 'on', 'off']).optional(),
});

const variant = z.object({
  version: z.int().min(1),
  weightPercent: z.number().min(0).max(100),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  loadAttempt: z.int().min(0).optional(),
  sizeBytes: z.int().min(0),
  artifactPath: z.string().regex(/^\/(?!\/)/),
  signature: signatureSchema,
  schema: modelSchema.optional(),
});

const snapshotSchema: z.ZodType<Snapshot> = z.object({
  formatVersion: z.literal(1),
  id: z.string().min(1),
  createdAt: z.string(),
  environment: z.string(),
  models: z.array(
    z.object({
      model: z.string().min(1),
      salt: z.string(),
      variants: z.array(variant).min(1),
      batching: batchingSchema,
      recordedRowsPerSecond: z.number().min(0),
    }),
  ),
  keys: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      sha256: z.string().regex(/^[0-9a-fA-F]{64}$/),
      models: z.array(z.string()),
      expiresAt: z.iso.datetime({ offset: true }).optional(),
    }),
  ),
});

/**
 * Checks a snapshot that came from the control plane or the disk.
 *
 * @throws Error that says which part is wrong.
 */
export function parseSnapshot(value: unknown, environment: string): Snapshot {
  const result = snapshotSchema.safeParse(value);
  if (!result.success) {
    throw new Error(
      `the snapshot is malformed: ${z.prettifyError(result.error)}`,
    );
  }
  const snapshot = result.data;
  if (snapshot.environment !== environment) {
    throw new Error(
      `the snapshot is of environment "${snapshot.environment}", expected "${environment}"`,
    );
  }
  return snapshot;
}
