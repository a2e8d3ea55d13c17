import type {
  AccessDocument,
  KeyGrant,
} from '@greenroom/plugin-ai-inference-common';
import { MAX_BUNDLE_FILES } from '@greenroom/bundle-file';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { DATATYPE_FACTS } from '../domain/datatypes';
import { isFallbackReason } from '../domain/fallbackReason';
import type { Datatype } from '../domain/tensor';
import type {
  UnknownVariant,
  WantedRoute,
  WantedRoutes,
  WantedVariant,
} from '../domain/WantedRoute';

/** How long others wait while a document is checked. */
const TURN_MILLIS = 5;

const datatype = z.enum(
  Object.keys(DATATYPE_FACTS) as [Datatype, ...Datatype[]],
);

const tensor = z.object({
  name: z.string().min(1),
  datatype,
  shape: z.array(z.int().min(-1)),
  labels: z.array(z.string()).optional(),
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
    codes: z.array(z.string()).optional(),
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

const percent = z.number().min(0).max(100);

const variantBase = z.object({
  version: z.int().min(1),
  weightPercent: percent,
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  loadAttempt: z.int().min(0).optional(),
});

const referenceSchema = z.object({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  sizeBytes: z.int().min(0),
  rows: z.int().min(0),
  artifactPath: z.string().regex(/^\/(?!\/)/),
});

const onnxVariant = variantBase.extend({
  // Documents from before there were kinds have none.
  kind: z.literal('onnx').default('onnx'),
  sizeBytes: z.int().min(0),
  files: z.int().min(1).max(MAX_BUNDLE_FILES).optional(),
  artifactPath: z.string().regex(/^\/(?!\/)/),
  signature: signatureSchema,
  schema: modelSchema.optional(),
  reference: referenceSchema.optional(),
});

const service = z.object({
  name: z.string().min(1),
  kind: z.string().min(1),
  settings: z.record(z.string(), z.json()),
});

/** What a logical connection is in an environment. */
export const connectionSchema = service.extend({
  upstreams: z
    .array(service.extend({ weight: z.number().positive() }))
    .min(1)
    .optional(),
});

const externalVariant = variantBase.extend({
  kind: z.literal('external'),
  sizeBytes: z.int().min(0),
  files: z.int().min(1).max(MAX_BUNDLE_FILES),
  artifactPath: z.string().regex(/^\/(?!\/)/),
  schema: modelSchema.optional(),
  reference: referenceSchema.optional(),
  connection: connectionSchema.optional(),
});

const KNOWN_KINDS = ['onnx', 'external'];

/** A newer control plane may know kinds that this data plane does not: they hold up no other. */
const unknownVariant = variantBase
  .extend({ kind: z.string().refine(kind => !KNOWN_KINDS.includes(kind)) })
  .transform(
    ({ kind, ...base }): UnknownVariant => ({
      ...base,
      kind: 'unknown',
      name: kind,
    }),
  );

const variant: z.ZodType<WantedVariant> = z.union([
  onnxVariant,
  externalVariant,
  unknownVariant,
]);

const languageModel = z.object({
  aliases: z.array(z.string().min(1)).optional(),
  fallbacks: z
    .array(
      z.object({
        model: z.string().min(1),
        // A newer control plane may know reasons that this data plane never gives.
        when: z
          .array(z.string())
          .transform(reasons => reasons.filter(isFallbackReason)),
      }),
    )
    .optional(),
});

const comparison = z.object({
  id: z.string().min(1),
  control: z.int().min(1),
  namespace: z
    .object({
      name: z.string().min(1),
      fromPercent: percent,
      toPercent: percent,
    })
    .optional(),
});

const shadow = z.object({
  comparison: z.string().min(1),
  version: z.int().min(1),
  samplePercent: percent,
  maxCopiesInFlight: z.int().min(1),
});

/** It stands in a header, between angle brackets. */
const link = z.string().regex(/^https?:\/\/[!#-;=?-~]+$/);

const deprecation = z.object({
  version: z.int().min(1).optional(),
  since: z.iso.datetime({ offset: true }),
  sunsetAt: z.iso.datetime({ offset: true }).optional(),
  link: link.optional(),
});

const route: z.ZodType<WantedRoute> = z.object({
  model: z.string().min(1),
  salt: z.string(),
  variants: z.array(variant).min(1),
  batching: batchingSchema,
  placement: z.enum(['auto', 'inline', 'worker']).optional(),
  responseCacheBytes: z.int().min(1).optional(),
  loading: z.enum(['eager', 'on-demand']).optional(),
  recordedRowsPerSecond: z.number().min(0),
  languageModel: languageModel.optional(),
  comparison: comparison.optional(),
  shadow: shadow.optional(),
  outcomes: z.object({ samplePercent: percent }).optional(),
  deprecations: z.array(deprecation).optional(),
});

const routes: z.ZodType<WantedRoute[]> = z.array(route);

const aboveZero = z.number().positive();

const keys: z.ZodType<KeyGrant[]> = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    owner: z.string().optional(),
    sha256: z.string().regex(/^[0-9a-fA-F]{64}$/),
    models: z.array(z.string()),
    expiresAt: z.iso.datetime({ offset: true }).optional(),
    limits: z
      .object({
        perMinute: z.number().min(0).optional(),
        perDay: z.number().min(0).optional(),
        mode: z.enum(['hard', 'soft']),
      })
      .optional(),
    requestLimits: z
      .object({
        requestsPerSecond: aboveZero.optional(),
        burst: aboveZero.optional(),
        requestsInFlight: aboveZero.optional(),
        rowsPerMinute: aboveZero.optional(),
        mode: z.enum(['hard', 'soft']),
      })
      .optional(),
    scopes: z.array(z.string()).optional(),
  }),
);

const routesDocumentBase = z.object({
  formatVersion: z.literal(2),
  id: z.string().min(1),
  createdAt: z.string(),
  environment: z.string(),
  // Documents from before there were connections have none.
  connections: z
    .array(service.extend({ checkAttempt: z.int().min(0).optional() }))
    .default([]),
});

const routesDocument: z.ZodType<WantedRoutes> = routesDocumentBase.extend({
  models: routes,
});

const uncheckedRoutes = routesDocumentBase.extend({
  models: z.array(z.unknown()),
});

const accessDocument: z.ZodType<AccessDocument> = z.object({
  formatVersion: z.literal(2),
  environment: z.string(),
  cursor: z.string().min(1),
  content: z.enum(['all', 'changes']),
  keys,
  revoked: z.array(z.string()),
});

/** What was on disk, and came from the control plane, while routes and keys were one document. */
export interface WholeSnapshot {
  formatVersion: 1;
  id: string;
  createdAt: string;
  environment: string;
  models: WantedRoute[];
  keys: KeyGrant[];
}

const wholeSnapshot: z.ZodType<WholeSnapshot> = z.object({
  formatVersion: z.literal(1),
  id: z.string().min(1),
  createdAt: z.string(),
  environment: z.string(),
  models: routes,
  keys,
});

/**
 * Makes a check of a document that came from the control plane or the disk. It throws an
 * Error that says which part is wrong.
 */
function parser<T extends { environment: string }>(
  what: string,
  schema: z.ZodType<T>,
): (value: unknown, environment: string) => T {
  return (value, environment) => {
    const result = schema.safeParse(value);
    if (!result.success) {
      throw new Error(`${what} is malformed: ${z.prettifyError(result.error)}`);
    }
    if (result.data.environment !== environment) {
      throw new Error(
        `${what} is of environment "${result.data.environment}", expected "${environment}"`,
      );
    }
    return result.data;
  };
}

export const parseRoutes = parser('the routes document', routesDocument);

/** The same for many models, with turns for others on the way: a thousand take a tenth of a second. */
export async function parseRoutesInTurns(
  value: unknown,
  environment: string,
): Promise<WantedRoutes> {
  const document = uncheckedRoutes.safeParse(value);
  // What is wrong with it is said of the whole.
  if (document.data?.environment !== environment) {
    return parseRoutes(value, environment);
  }
  const models: WantedRoute[] = [];
  let sinceMillis = performance.now();
  for (const one of document.data.models) {
    const result = route.safeParse(one);
    if (!result.success) return parseRoutes(value, environment);
    models.push(result.data);
    if (performance.now() - sinceMillis > TURN_MILLIS) {
      await setImmediate();
      sinceMillis = performance.now();
    }
  }
  return { ...document.data, models };
}

export const parseAccess = parser('the access document', accessDocument);
export const parseWholeSnapshot = parser('the snapshot', wholeSnapshot);
