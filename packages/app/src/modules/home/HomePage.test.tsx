import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { aiInferenceApiRef } from '@greenroom/plugin-ai-inference';
import type {
  Deployment,
  Rollout,
} from '@greenroom/plugin-ai-inference-common';
import { aiMonitoringApiRef } from '@greenroom/plugin-ai-monitoring';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import { aiRegistryApiRef } from '@greenroom/plugin-ai-registry';
import type {
  EnvironmentProblem,
  Promotion,
} from '@greenroom/plugin-ai-registry-common';
import { screen, within } from '@testing-library/react';
import { HomePage } from './HomePage';

interface Estate {
  models?: { name: string; title: string }[];
  deployments?: Deployment[];
  health?: ModelHealth[] | Error;
  promotions?: Promotion[];
  rollouts?: Rollout[];
  problems?: EnvironmentProblem[];
}

function renderHome(estate: Estate, userEntityRef = 'user:default/ada') {
  const { models = [], deployments = [], health = [] } = estate;
  const { promotions = [], rollouts = [], problems = [] } = estate;
  renderInTestApp(<HomePage widgets={[]} />, {
    apis: [
      mockApis.config({ data: { app: { title: 'Greenroom' } } }),
      mockApis.identity({ userEntityRef }),
      [
        aiRegistryApiRef,
        {
          listModels: async () => ({
            items: models as never,
            totalItems: models.length,
          }),
          listEnvironmentProblems: async () => ({ items: problems }),
          listPromotions: async ({ open } = {}) => ({
            items: promotions.filter(
              ({ state }) => !open || state.phase !== 'completed',
            ),
          }),
        },
      ],
      [
        aiInferenceApiRef,
        {
          listDeployments: async ({ running } = {}) => {
            const items = deployments.filter(
              ({ convergence }) => !running || convergence.state === 'moving',
            );
            return { items, totalItems: items.length };
          },
          listRollouts: async () => ({ items: rollouts }),
        },
      ],
      [
        aiMonitoringApiRef,
        {
          listHealth: async () => {
            if (health instanceof Error) throw health;
            return {
              items: health,
              counts: {
                alert: 0,
                warning: 0,
                'partly-watched': 0,
                healthy: 0,
                'no-data': 0,
              },
            };
          },
        },
      ],
    ],
  });
}

const rollout: Rollout = {
  id: 'r-1',
  environment: 'production',
  model: 'digits',
  fromVersion: 1,
  toVersion: 2,
  kind: 'promotion',
  plan: { strategy: 'canary', steps: [{ weightPercent: 10, holdSeconds: 30 }] },
  state: {
    phase: 'progressing',
    step: 0,
    nextStepAt: '2026-05-03T10:00:30Z',
  },
  commit: 'abc',
  startedAt: '2026-05-03T10:00:00Z',
  history: [],
};

const deployment: Deployment = {
  environment: 'production',
  model: 'digits',
  variants: [
    { version: 1, digest: 'sha256:1', weightPercent: 90 },
    { version: 2, digest: 'sha256:2', weightPercent: 10 },
  ],
  rollout,
  wanted: {
    version: 2,
    digest: 'sha256:2',
    commit: 'abc',
    since: '2026-05-03T10:00:00Z',
  },
  convergence: { state: 'moving', reason: 'Version 2 has 10 % of the traffic' },
  dataPlanes: { ready: 1, total: 1, degraded: [] },
  updatedAt: '2026-05-03T10:00:00Z',
};

const waiting: Promotion = {
  id: 'p-1',
  kind: 'promotion',
  model: 'diabetes',
  version: 2,
  environment: 'production',
  reason: '',
  requestedBy: 'user:default/ada',
  createdAt: '2026-05-03T10:00:00Z',
  updatedAt: '2026-05-03T10:00:00Z',
  state: { phase: 'awaiting-review' },
  steps: [],
  gates: [],
  reviews: [],
  overrides: [],
};

const alert: ModelHealth = {
  model: 'digits',
  environment: 'production',
  status: 'alert',
  span: { from: '2026-05-03T09:55:00Z', to: '2026-05-03T10:00:00Z' },
  reasons: ['11 of 64 features drift.'],
  unwatched: [],
  requestsPerSecond: 5.3,
  errorRate: 0.02,
  latencyP99Millis: 6.31,
  sparkline: [1, 2, null],
};

const panel = (name: string) => screen.findByRole('region', { name });

describe('HomePage', () => {
  const models = [
    { name: 'digits', title: 'Handwritten digits' },
    { name: 'diabetes', title: 'Diabetes progression' },
  ];

  it('shows the state of the estate, what moves, and whose turn it is', async () => {
    renderHome({
      models,
      deployments: [deployment],
      health: [alert],
      promotions: [waiting],
      rollouts: [rollout],
    });

    const table = await panel('Models');
    const digits = await within(table).findByRole('row', {
      name: /Handwritten digits/,
    });
    expect(await within(digits).findByText('Alert')).toBeInTheDocument();
    expect(digits).toHaveTextContent('11 of 64 features drift.');
    expect(digits).toHaveTextContent(/5\.3\/s2 %6\.31 ms$/);
    expect(
      within(table).getByRole('row', { name: /Diabetes progression/ }),
    ).toHaveTextContent('Not deployed');

    expect(await panel('Wanted, not yet serving')).toHaveTextContent(
      'digits in production: version 1 to 2v1 90 %v2 10 %MovingVersion 2 has 10 % of the traffic',
    );
    expect(await panel('Promotions')).toHaveTextContent(
      'A second person has to review it',
    );
    expect(await panel('Recent changes')).toHaveTextContent(
      'version 2 for production requested',
    );
    expect(
      screen.getByText(
        '2 models · 1 deployment · 1 running rollout · 1 open promotion · 1 model to look at',
      ),
    ).toBeInTheDocument();
  });

  it('tells a reviewer that it is their turn', async () => {
    renderHome({ models, promotions: [waiting] }, 'user:default/grace');
    const promotions = await panel('Promotions');
    expect(await within(promotions).findByText('Your turn')).toBeVisible();
    expect(promotions).toHaveTextContent('You can review it');
  });

  it('says what to do in an empty portal', async () => {
    renderHome({});
    expect(await screen.findByText('No models yet')).toBeInTheDocument();
    expect(await screen.findByText(/Nothing waits/)).toBeInTheDocument();
    expect(
      await screen.findByText(/Nothing has changed yet/),
    ).toBeInTheDocument();
  });

  it('shows what it knows when monitoring is away', async () => {
    renderHome({
      models,
      deployments: [deployment],
      health: new Error('monitoring is starting up'),
    });
    expect(
      await screen.findByText('monitoring is starting up'),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('row', { name: /Handwritten digits/ }),
    ).toHaveTextContent('v1 90 %');
  });

  it('does not say that all is well while a pushed manifest is not applied', async () => {
    renderHome({
      problems: [
        {
          environment: 'production',
          model: 'digits',
          path: 'environments/production/models/digits.yaml',
          message: "the registry has no version 99 of 'digits'",
          commit: 'abc1234def',
          since: '2026-05-03T08:00:00Z',
        },
      ],
    });
    expect(
      await screen.findByText(/the registry has no version 99/),
    ).toBeInTheDocument();
    expect(screen.queryByText(/Nothing moves/)).not.toBeInTheDocument();
  });
});
