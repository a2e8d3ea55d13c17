import type {
  AliasChange,
  DesiredDeployment,
  EnvironmentProblem,
  Model,
  ModelVersionDetail,
  Promotion,
} from '@greenroom/plugin-ai-registry-common';
import { HttpResponse, http } from 'msw';
import { makeModel, makeVersion } from './fixtures';
import { REGISTRY_URL } from './renderRegistry';

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
    http.get(base, () => HttpResponse.json({ ...model })),
    http.get(`${base}/versions`, () =>
      HttpResponse.json({ items: versions, totalItems: versions.length }),
    ),
    http.get(`${base}/versions/:version`, ({ params }) =>
      HttpResponse.json({
        ...versions.find(({ version }) => version === Number(params.version)),
      }),
    ),
    http.get(`${base}/alias-history`, () =>
      HttpResponse.json({ items: history }),
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
