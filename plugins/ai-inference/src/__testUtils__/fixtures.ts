import type {
  ApiKey,
  DataPlaneStatus,
  Deployment,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;

export function makeRollout(changes: Partial<Rollout> = {}): Rollout {
  return {
    id: 'r-1',
    environment: 'production',
    model: 'digits',
    fromVersion: 1,
    toVersion: 2,
    kind: 'promotion',
    plan: {
      strategy: 'canary',
      steps: [
        { weightPercent: 10, holdSeconds: 30 },
        { weightPercent: 50, holdSeconds: 60 },
        { weightPercent: 100, holdSeconds: 0 },
      ],
    },
    state: { phase: 'loading' },
    commit: '0123456789abcdef',
    promotionId: 'p-1',
    startedAt: '2026-05-03T10:00:00Z',
    history: [],
    ...changes,
  };
}

export function makeDeployment(changes: Partial<Deployment> = {}): Deployment {
  return {
    environment: 'production',
    model: 'digits',
    variants: [
      { version: 1, digest: DIGEST, weightPercent: 90 },
      { version: 2, digest: DIGEST, weightPercent: 10 },
    ],
    wanted: {
      version: 2,
      digest: DIGEST,
      commit: 'abc',
      since: '2026-05-03T10:00:00Z',
    },
    convergence: {
      state: 'moving',
      reason: 'Version 2 has 10 % of the traffic',
    },
    dataPlanes: { ready: 1, total: 1, degraded: [] },
    updatedAt: '2026-05-03T10:00:00Z',
    ...changes,
  };
}

export function makeDataPlane(
  changes: Partial<DataPlaneStatus> = {},
): DataPlaneStatus {
  return {
    producer: 'process-1',
    publicUrl: 'http://inference.example.com',
    snapshotId: 'snapshot-1234567890',
    environment: 'production',
    firstSeenAt: '2026-05-03T09:00:00Z',
    lastSeenAt: '2026-05-03T10:00:00Z',
    online: true,
    models: [
      { model: 'digits', version: 1, digest: DIGEST, state: 'ready' },
      {
        model: 'digits',
        version: 2,
        digest: DIGEST,
        state: 'failed',
        error: 'the file is not an ONNX model',
      },
    ],
    ...changes,
  };
}

export function makeKey(changes: Partial<ApiKey> = {}): ApiKey {
  return {
    id: 'k-1',
    name: 'intake',
    owner: 'group:default/vision-team',
    prefix: 'gr_abcd',
    models: ['*'],
    createdAt: '2026-05-03T10:00:00Z',
    createdBy: 'user:default/ada',
    expiresAt: '2200-01-01T00:00:00Z',
    scopes: [],
    ...changes,
  };
}

/** A regression with two named features in one tensor. */
export function makeTabularVersion(
  changes: Partial<ModelVersionDetail> = {},
): ModelVersionDetail {
  return {
    model: 'diabetes',
    version: 1,
    description: '',
    format: 'onnx',
    digest: DIGEST,
    sizeBytes: 1000,
    signature: {
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'estimate', datatype: 'FP32', shape: [-1, 1] }],
    },
    schema: {
      task: 'regression',
      features: [
        {
          name: 'age',
          tensor: 'features',
          index: 0,
          description: 'Age',
          unit: 'years',
          range: [20, 80],
        },
        { name: 'bmi', tensor: 'features', index: 1, range: [18.5, 42.2] },
      ],
      prediction: { tensor: 'estimate', unit: 'points' },
    },
    servability: { state: 'not-tried', reason: 'Made up for a test.' },
    tags: {},
    source: {},
    aliases: [],
    createdAt: '2026-05-03T10:00:00Z',
    createdBy: 'user:default/ada',
    ...changes,
  };
}

/** A classification of images of 2 by 2 pixels. */
export function makeImageVersion(): ModelVersionDetail {
  return makeTabularVersion({
    model: 'digits',
    signature: {
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 2] },
      ],
    },
    schema: {
      task: 'classification',
      features: [0, 1, 2, 3].map(index => ({
        name: `pixel_${index}`,
        tensor: 'pixels',
        index,
      })),
      image: { tensor: 'pixels', width: 2, height: 2, maxValue: 16 },
      prediction: {
        tensor: 'label',
        labels: ['zero', 'one'],
        probabilityTensor: 'probabilities',
      },
    },
  });
}
