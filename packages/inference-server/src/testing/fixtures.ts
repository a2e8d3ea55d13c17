import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type {
  KeyGrant,
  OnnxVariant,
} from '@greenroom/plugin-ai-inference-common';
import type { WantedRoute, WantedVariant } from '../domain/WantedRoute';
import type { WholeSnapshot } from '../snapshot/parseDocuments';
import type {
  Datatype,
  ModelSchema,
  Signature,
  TensorSpec,
} from '../domain/tensor';

const FIXTURES_DIRECTORY = join(
  dirname(require.resolve('../../package.json')),
  'fixtures',
);

function tensor(name: string, datatype: Datatype, shape: number[]): TensorSpec {
  return { name, datatype, shape };
}

const identity = (datatype: Datatype): Signature => ({
  inputs: [tensor('x', datatype, [-1, 2])],
  outputs: [tensor('y', datatype, [-1, 2])],
});

const linear: Signature = {
  inputs: [tensor('x', 'FP32', [-1, 3])],
  outputs: [tensor('y', 'FP32', [-1, 1])],
};

/** Signatures of the model files in `fixtures/`. */
export const SIGNATURES = {
  simple: {
    inputs: [
      tensor('INPUT0', 'INT32', [1, 16]),
      tensor('INPUT1', 'INT32', [1, 16]),
    ],
    outputs: [
      tensor('OUTPUT0', 'INT32', [1, 16]),
      tensor('OUTPUT1', 'INT32', [1, 16]),
    ],
  },
  'linear-1': linear,
  'linear-2': linear,
  classifier: {
    inputs: [tensor('x', 'FP32', [-1, 4])],
    outputs: [
      tensor('label', 'INT64', [-1]),
      tensor('probabilities', 'FP32', [-1, 4]),
    ],
  },
  lookup: {
    inputs: [tensor('index', 'INT64', [-1])],
    outputs: [tensor('value', 'FP32', [-1, 2])],
  },
  centred: {
    inputs: [tensor('x', 'FP32', [-1, 3])],
    outputs: [tensor('y', 'FP32', [-1, 3])],
  },
  widths: {
    inputs: [tensor('x', 'FP32', [-1, -1])],
    outputs: [tensor('total', 'FP32', [-1, 1])],
  },
  pair: {
    inputs: [tensor('left', 'FP32', [-1, 2]), tensor('right', 'FP32', [-1, 2])],
    outputs: [tensor('sum', 'FP32', [-1, 2])],
  },
  scores: {
    inputs: [
      tensor('queries', 'FP32', [-1, 2]),
      tensor('documents', 'FP32', [-1, 2]),
    ],
    outputs: [tensor('score', 'FP32', [-1, -1])],
  },
  quantised: {
    inputs: [tensor('x', 'FP32', [-1, 4])],
    outputs: [tensor('y', 'FP32', [-1, 3])],
  },
  unnamed: {
    inputs: [tensor('left', 'FP32', [-1, 2]), tensor('right', 'FP32', [-1, 2])],
    outputs: [tensor('sum', 'FP32', [-1, 2])],
  },
  masked: {
    inputs: [
      tensor('words', 'FP32', [-1, -1]),
      tensor('mask', 'FP32', [-1, -1]),
    ],
    outputs: [tensor('total', 'FP32', [-1, 1])],
  },
  heavy: {
    inputs: [tensor('x', 'FP32', [1])],
    outputs: [tensor('y', 'FP32', [])],
  },
  hungry: {
    inputs: [tensor('index', 'INT64', [-1])],
    outputs: [tensor('value', 'FP32', [-1, 2])],
  },
  loose: {
    inputs: [tensor('x', 'FP32', [-1, 3])],
    outputs: [tensor('y', 'FP32', [-1, -1])],
  },
  'empty-part': {
    inputs: [tensor('x', 'FP32', [-1, 3]), tensor('none', 'FP32', [-1, 0])],
    outputs: [tensor('y', 'FP32', [-1, 3])],
  },
  sequence: {
    inputs: [tensor('x', 'FP32', [-1, 1])],
    outputs: [tensor('y', 'FP32', [1, 1, -1])],
  },
  'identity-bool': identity('BOOL'),
  'identity-uint8': identity('UINT8'),
  'identity-uint16': identity('UINT16'),
  'identity-uint32': identity('UINT32'),
  'identity-uint64': identity('UINT64'),
  'identity-int8': identity('INT8'),
  'identity-int16': identity('INT16'),
  'identity-int32': identity('INT32'),
  'identity-int64': identity('INT64'),
  'identity-fp16': identity('FP16'),
  'identity-fp32': identity('FP32'),
  'identity-fp64': identity('FP64'),
  'identity-bytes': identity('BYTES'),
} satisfies Record<string, Signature>;

const free: Signature = {
  inputs: [tensor('x', 'FP32', [-1, 3])],
  outputs: [tensor('y', 'FP32', [-1, 3])],
};
const frozen: Signature = {
  inputs: [tensor('x', 'FP32', [-1, 4])],
  outputs: [tensor('y', 'FP32', [-1, 2])],
};

/** Signatures of the model files in `fixtures/` that cannot be served. */
export const UNSERVABLE_SIGNATURES = {
  'unknown-operator': free,
  'opset-99': free,
  'frozen-1': frozen,
  'frozen-8': frozen,
} satisfies Record<string, Signature>;

export type FixtureName = keyof typeof SIGNATURES;

export function fixtureFile(
  name: FixtureName | keyof typeof UNSERVABLE_SIGNATURES,
): string {
  return join(FIXTURES_DIRECTORY, `${name}.onnx`);
}

export function fixtureBytes(name: FixtureName): Buffer {
  return readFileSync(fixtureFile(name));
}

/** Meaning of the `classifier` fixture. */
export const CLASSIFIER_SCHEMA: ModelSchema = {
  task: 'classification',
  features: [
    { name: 'fourth', tensor: 'x', index: 3 },
    { name: 'first', tensor: 'x', index: 0 },
  ],
  prediction: {
    tensor: 'label',
    labels: ['red', 'green', 'blue', 'grey'],
    probabilityTensor: 'probabilities',
  },
};

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A variant that is made of a fixture's file. */
export function variantOf(
  name: FixtureName,
  overrides: Partial<OnnxVariant> = {},
): OnnxVariant {
  const bytes = fixtureBytes(name);
  const digest = overrides.digest ?? `sha256:${sha256(bytes)}`;
  return {
    kind: 'onnx',
    version: 1,
    weightPercent: 100,
    digest,
    sizeBytes: bytes.length,
    artifactPath: `/api/ai-registry/artifacts/${encodeURIComponent(digest)}`,
    signature: SIGNATURES[name],
    ...overrides,
  };
}

export function routeOf(
  model: string,
  variants: WantedVariant[],
  overrides: Partial<WantedRoute> = {},
): WantedRoute {
  return {
    model,
    salt: `${model}-salt`,
    variants,
    batching: { maxRows: 64, maxDelayMicros: 0 },
    recordedRowsPerSecond: 100,
    ...overrides,
  };
}

export function keyOf(
  secret: string,
  models: string[],
  overrides: Partial<KeyGrant> = {},
): KeyGrant {
  return {
    id: `id-of-${secret}`,
    name: `name of ${secret}`,
    sha256: sha256(secret),
    models,
    ...overrides,
  };
}

export function snapshotOf(
  models: WantedRoute[],
  keys: KeyGrant[],
): WholeSnapshot {
  const content = { environment: 'production', models, keys };
  return {
    formatVersion: 1,
    id: sha256(JSON.stringify(content)),
    createdAt: '2026-01-01T00:00:00.000Z',
    ...content,
  };
}
