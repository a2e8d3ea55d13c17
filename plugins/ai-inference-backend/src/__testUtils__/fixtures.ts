import type { DataPlaneReport } from '@greenroom/plugin-ai-inference-common';
import type {
  DesiredDeployment,
  Digest,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';

/** The content address that the tests give to a version. */
export function digestOf(version: number): Digest {
  return `sha256:${version.toString(16).padStart(64, '0')}`;
}

export function desiredDeployment(
  version: number,
  overrides: Partial<DesiredDeployment> = {},
): DesiredDeployment {
  return {
    environment: 'production',
    model: 'digits',
    version,
    digest: digestOf(version),
    rollout: {
      strategy: 'canary',
      steps: [
        { weightPercent: 10, holdSeconds: 30 },
        { weightPercent: 50, holdSeconds: 60 },
      ],
    },
    commit: `commit-${version}`,
    kind: 'promotion',
    changedAt: '2026-05-03T12:00:00.000Z',
    changedBy: 'user:default/grace',
    ...overrides,
  };
}

export function modelVersion(
  version: number,
  overrides: Partial<ModelVersionDetail> = {},
): ModelVersionDetail {
  return {
    model: 'digits',
    version,
    description: '',
    format: 'onnx',
    digest: digestOf(version),
    sizeBytes: 5_000_000_000,
    signature: {
      inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
      outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
    },
    servability: { state: 'not-tried', reason: 'Made up for a test.' },
    tags: {},
    source: {},
    aliases: [],
    createdAt: '2026-05-01T12:00:00.000Z',
    createdBy: 'user:default/ada',
    ...overrides,
  };
}

export function loadedVersion(
  version: number,
  state: DataPlaneReport['models'][number]['state'] = 'ready',
): DataPlaneReport['models'][number] {
  return { model: 'digits', version, digest: digestOf(version), state };
}

export function dataPlaneReport(
  models: DataPlaneReport['models'],
  overrides: Partial<DataPlaneReport> = {},
): DataPlaneReport {
  return {
    producer: 'data-plane-1',
    publicUrl: 'http://127.0.0.1:7080',
    models,
    ...overrides,
  };
}

/** Configuration with the token of production's data planes; its principal is `greenroom:data-plane`. */
export const dataPlaneTokenConfig = {
  backend: {
    auth: {
      externalAccess: [
        {
          type: 'greenroom',
          options: {
            name: 'data-plane',
            owner: 'group:default/ml-platform',
            token: 'the-token-of-the-data-planes-of-production',
            scopes: [
              { permission: 'ai-inference.snapshot.read', on: 'production/*' },
            ],
          },
        },
      ],
    },
  },
};
