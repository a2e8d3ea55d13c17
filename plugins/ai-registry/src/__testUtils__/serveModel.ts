import type {
  Deployment,
  EnvironmentDataPlane,
} from '@greenroom/plugin-ai-inference-common';
import {
  type AliasChange,
  type DesiredDeployment,
  type EnvironmentProblem,
  metricInterval,
  metricSpread,
  type Model,
  type ModelVersionDetail,
  type Promotion,
} from '@greenroom/plugin-ai-registry-common';
import { HttpResponse, http } from 'msw';
import { makeModel, makeVersion } from './fixtures';
import { REGISTRY_URL, refusal } from './renderRegistry';

export interface ServedModel {
  model?: Model;
  /** Newest first. */
  versions?: ModelVersionDetail[];
  history?: AliasChange[];
  promotions?: Promotion[];
  deployments?: DesiredDeployment[];
  problems?: EnvironmentProblem[];
}

export const runningDigits: DesiredDeployment = {
  environment: 'production',
  model: 'digits',
  version: 1,
  digest: `sha256:${'0'.repeat(63)}1`,
  rollout: { strategy: 'immediate', steps: [] },
  commit: 'c'.repeat(40),
  promotionId: 'p-0',
  kind: 'promotion',
  changedAt: '2026-05-02T08:00:00.000Z',
  changedBy: 'user:default/grace',
};

/** Where the inference API is in tests. */
export const INFERENCE_URL = 'http://localhost:7007/api/ai-inference';

export interface ServedInference {
  deployments?: Deployment[];
  /** Environments with an online data plane. */
  environments?: string[];
  /** How data planes come to be, where somebody asks. */
  onDemand?: EnvironmentDataPlane[];
}

/** What the inference API answers; by default production is served, and nothing moves. */
export function serveInference(served: ServedInference = {}) {
  const {
    deployments = [],
    environments = ['production'],
    onDemand = [],
  } = served;
  return [
    http.get(`${INFERENCE_URL}/environments`, () =>
      HttpResponse.json({ items: onDemand }),
    ),
    http.get(`${INFERENCE_URL}/deployments`, () =>
      HttpResponse.json({ items: deployments }),
    ),
    http.get(`${REGISTRY_URL}/git-host`, () =>
      HttpResponse.json({ title: 'Git repository', problems: [] }),
    ),
    http.get(`${INFERENCE_URL}/data-planes`, () =>
      HttpResponse.json({
        items: environments.map(environment => ({ environment, online: true })),
      }),
    ),
  ];
}

/** Version 2 of `digits` with 10 % of production's traffic. */
export const movingDigits: Deployment = {
  environment: 'production',
  model: 'digits',
  variants: [
    { version: 1, digest: `sha256:${'0'.repeat(63)}1`, weightPercent: 90 },
    { version: 2, digest: `sha256:${'0'.repeat(63)}2`, weightPercent: 10 },
  ],
  rollout: {
    id: 'r-1',
    environment: 'production',
    model: 'digits',
    fromVersion: 1,
    toVersion: 2,
    kind: 'promotion',
    plan: {
      strategy: 'canary',
      steps: [{ weightPercent: 10, holdSeconds: 30 }],
    },
    state: {
      phase: 'progressing',
      step: 0,
      nextStepAt: '2026-05-03T08:00:30.000Z',
    },
    commit: 'abcdef0123456',
    startedAt: '2026-05-03T08:00:00.000Z',
    history: [],
  },
  wanted: {
    version: 2,
    digest: 'sha256:2',
    commit: 'abc',
    since: '2026-05-03T10:00:00Z',
  },
  convergence: { state: 'moving', reason: 'Version 2 has 10 % of the traffic' },
  dataPlanes: { ready: 1, total: 1, degraded: [] },
  updatedAt: '2026-05-03T08:00:00.000Z',
};

/** What the registry answers about the model `digits`. */
export function serveModel(served: ServedModel = {}) {
  const {
    model = makeModel(),
    versions = [
      makeVersion({ version: 2 }, { accuracy: 0.97 }),
      makeVersion({ version: 1, aliases: ['production'] }, { accuracy: 0.95 }),
    ],
    history = [],
    promotions = [],
    deployments = [runningDigits],
    problems = [],
  } = served;
  const base = `${REGISTRY_URL}/models/digits`;
  return [
    ...serveInference(),
    http.get(base, () => HttpResponse.json({ ...model })),
    http.get(`${base}/overview`, () =>
      HttpResponse.json({
        model,
        versions,
        intervals: versions.flatMap(({ version, evaluation }) => {
          const interval =
            evaluation?.perRow &&
            metricInterval(metricSpread(evaluation.perRow));
          return interval ? [{ version, interval }] : [];
        }),
        deployments,
        problems,
        openPromotions: promotions.filter(
          ({ state }) =>
            !['completed', 'closed', 'failed'].includes(state.phase),
        ),
      }),
    ),
    http.get(`${base}/versions`, () =>
      HttpResponse.json({ items: versions, totalItems: versions.length }),
    ),
    http.get(`${base}/versions/:version`, ({ params }) =>
      HttpResponse.json({
        ...versions.find(({ version }) => version === Number(params.version)),
      }),
    ),
    http.get(`${base}/versions/:version/card`, () =>
      refusal(404, 'There is no card'),
    ),
    http.get(`${base}/versions/:version/evaluation-runs`, () =>
      HttpResponse.json({ items: [] }),
    ),
    http.get(`${base}/versions/:version/measurements`, () =>
      HttpResponse.json({ items: [] }),
    ),
    http.get(`${base}/versions/:version/files`, ({ params }) => {
      const { digest, sizeBytes } =
        versions.find(({ version }) => version === Number(params.version)) ??
        {};
      return HttpResponse.json({
        items: [{ path: 'model.onnx', digest, sizeBytes }],
      });
    }),
    http.get(`${base}/alias-history`, () =>
      HttpResponse.json({ items: history }),
    ),
    http.get(`${REGISTRY_URL}/dataset-versions`, () =>
      HttpResponse.json({ items: [] }),
    ),
    http.get(`${REGISTRY_URL}/promotions`, () =>
      HttpResponse.json({ items: promotions }),
    ),
    http.get(`${REGISTRY_URL}/environments/:name/deployments`, ({ params }) =>
      HttpResponse.json({
        items: deployments.filter(
          ({ environment }) => environment === params.name,
        ),
        problems: problems.filter(
          ({ environment }) => environment === params.name,
        ),
      }),
    ),
  ];
}
