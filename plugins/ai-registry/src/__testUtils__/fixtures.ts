import type {
  Model,
  ModelVersionDetail,
  PromotionDetail,
} from '@greenroom/plugin-ai-registry-common';

const AT = '2026-05-01T08:00:00.000Z';

export function makeModel(changes: Partial<Model> = {}): Model {
  return {
    name: 'digits',
    externalName: 'digits',
    title: 'Handwritten digits',
    description: 'Reads a digit from an 8x8 image',
    task: 'classification',
    owner: 'group:default/vision-team',
    system: 'system:default/ai-demo',
    tags: { framework: 'scikit-learn' },
    versionCount: 2,
    latestVersion: 2,
    aliases: [{ alias: 'production', version: 1 }],
    createdAt: AT,
    createdBy: 'user:default/ada',
    updatedAt: AT,
    ...changes,
  };
}

/** A version; with `metrics`, its first one is the primary metric. */
export function makeVersion(
  changes: Partial<ModelVersionDetail> = {},
  metrics: Record<string, number> = { accuracy: 0.95 },
): ModelVersionDetail {
  const version = changes.version ?? 1;
  return {
    model: 'digits',
    version,
    description: `Training ${version}`,
    format: 'onnx',
    digest: `sha256:${String(version).padStart(64, '0')}`,
    sizeBytes: 12_345,
    signature: {
      inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 64] }],
      outputs: [{ name: 'label', datatype: 'INT64', shape: [-1] }],
    },
    evaluation: {
      dataset: {
        name: 'digits held-out',
        digest: `sha256:${'d'.repeat(64)}`,
        rows: 360,
      },
      metrics,
      primary: { name: Object.keys(metrics)[0], higherIsBetter: true },
    },
    servability: {
      state: 'servable',
      triedAt: AT,
      runtime: 'greenroom-inference-server 0.1.0',
      loadMillis: 40,
      warmUpMillis: 3,
      peakMemoryBytes: 90_000_000,
    },
    tags: {},
    source: {},
    aliases: [],
    createdAt: AT,
    createdBy: 'user:default/ada',
    ...changes,
  };
}

export function makePromotion(
  changes: Partial<PromotionDetail> = {},
): PromotionDetail {
  return {
    id: 'p-1',
    kind: 'promotion',
    model: 'digits',
    version: 2,
    fromVersion: 1,
    environment: 'production',
    reason: 'Better on rotated digits',
    requestedBy: 'user:default/ada',
    createdAt: AT,
    updatedAt: AT,
    state: { phase: 'awaiting-review' },
    changeRequest: {
      number: 7,
      title: 'Promote digits 2 to production',
      url: '/ai-registry/promotions/p-1',
      branch: 'promotions/p-1',
    },
    steps: [
      { name: 'branch', title: 'Make a branch', status: 'done', attempts: 1 },
      { name: 'gates', title: 'Run the gates', status: 'done', attempts: 1 },
    ],
    gates: [
      {
        id: 'evaluation',
        title: 'Evaluation',
        status: 'passed',
        summary: 'Version 2 is better by 0.02',
        evidence: {
          kind: 'evaluation',
          comparedWith: 1,
          metric: 'accuracy',
          base: 0.95,
          candidate: 0.97,
          margin: 0.01,
          paired: {
            metric: 'accuracy',
            rows: 360,
            improvement: 0.02,
            interval: [0.004, 0.036],
            method: 'paired-bootstrap-worst-case',
          },
        },
      },
    ],
    reviews: [],
    overrides: [],
    override: { allowed: false, reason: 'Nothing to override.' },
    body: 'Please review.',
    comments: [],
    deployments: [],
    diff: [
      '--- a/environments/production/models/digits.yaml',
      '+++ b/environments/production/models/digits.yaml',
      '@@ -1 +1 @@',
      '-version: 1',
      '+version: 2',
    ].join('\n'),
    plan: {
      rollout: {
        strategy: 'canary',
        steps: [{ weightPercent: 10, holdSeconds: 30 }],
      },
    },
    review: { allowed: true },
    ...changes,
  };
}
