import {
  mockApis,
  registerMswTestHooks,
  renderTestApp,
} from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeDeployment } from '../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  MONITORING_URL,
} from '../__testUtils__/renderInference';
import aiInferencePlugin from '..';
import './ConsumerEntityCard';
import './DeploymentEntityCard';

const server = setupServer();

const entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'API',
  metadata: {
    name: 'digits',
    namespace: 'production',
    annotations: {
      'greenroom.dev/model': 'digits',
      'greenroom.dev/environment': 'production',
    },
  },
  spec: {
    type: 'openapi',
    lifecycle: 'deprecated',
    owner: 'group:default/vision-team',
    definition: '{}',
  },
};

function render(
  consumers: object[],
  { deployments = [makeDeployment()] } = {},
) {
  server.use(
    http.get('http://localhost:7007/api/ai-registry/models/digits', () =>
      HttpResponse.json({
        name: 'digits',
        title: 'Digits',
        owner: 'group:default/vision-team',
        deprecation: {
          since: '2026-05-01T08:00:00.000Z',
          sunsetAt: '2026-06-01T00:00:00.000Z',
          replacement: { model: 'letters' },
          message: 'Letters knows digits, too.',
          deprecatedBy: 'user:default/ada',
        },
      }),
    ),
    http.get(`${INFERENCE_URL}/deployments`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      const items = deployments.filter(
        ({ environment }) => environment === searchParams.get('environment'),
      );
      return HttpResponse.json({ items, totalItems: items.length });
    }),
    http.get(
      `${MONITORING_URL}/environments/production/models/digits/outcomes`,
      () =>
        HttpResponse.json({
          items: [],
          lost: { duplicate: 0, unmatched: 0, late: 0, shed: 0 },
          expected: [],
          quality: [
            {
              version: 1,
              accuracy: 0.9,
              labels: 1_200,
              heldOut: {
                metric: 'accuracy',
                value: 0.97,
                dataset: 'held out',
                rows: 450,
              },
              estimate: { isKnown: true, accuracy: 0.94, predictions: 5_000 },
            },
          ],
        }),
    ),
    http.get(
      `${MONITORING_URL}/environments/production/models/digits/traffic`,
      () =>
        HttpResponse.json({
          items: [
            {
              model: 'digits',
              version: 1,
              windowSeconds: 900,
              points: [
                { latencyMillis: { p50: 1, p95: 2, p99: 3 } },
                { latencyMillis: { p50: 2, p95: 5, p99: 9 } },
                {},
              ],
            },
          ],
        }),
    ),
    http.get(`${INFERENCE_URL}/environments`, () =>
      HttpResponse.json({
        items: [
          {
            environment: 'production',
            deployer: 'kubernetes',
            machine: {
              flavor: 'cpu',
              count: 1,
              pricePerHour: { amount: 0.5, currency: 'EUR' },
            },
            run: {
              state: 'running',
              since: '2026-05-01T08:00:00.000Z',
              publicUrl: 'http://models.example.com',
              replicas: { wanted: 3, ready: 3 },
            },
          },
        ],
      }),
    ),
    http.get(`${INFERENCE_URL}/models/digits/consumers`, () =>
      HttpResponse.json({ items: consumers }),
    ),
  );
  renderTestApp({
    features: [aiInferencePlugin],
    extensions: [createTestEntityPage({ entity })],
    apis: [
      mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
      [permissionApiRef, mockApis.permission()],
    ],
  });
}

describe('ConsumerEntityCard', () => {
  registerMswTestHooks(server);

  it('tells on the page of the API what is deprecated, where a key is had, and whom to ask', async () => {
    render([]);
    expect(
      await screen.findByText(
        "Model 'digits' is deprecated: it may stop answering at any time",
      ),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Get a key' })).toHaveAttribute(
      'href',
      '/ai-inference/keys?model=digits',
    );
    expect(
      await screen.findByText('Nobody has a key that may call it.'),
    ).toBeInTheDocument();
  });

  it('tells how good and how quick the version is that answers there', async () => {
    render([]);
    const facts = await screen.findByLabelText(/^How version \d+ does/);
    expect(facts).toHaveTextContent(
      /90 % right of 1,200 labels.*94 % expected of 5,000 requests.*accuracy 0.97 on 450 rows of held out/,
    );
    expect(facts).toHaveTextContent(/p50 2 ms, p99 9 ms in the slowest 15 min/);
  });

  it('tells what the machines cost that it shares', async () => {
    render([]);
    expect(
      await screen.findByText(/for all that production serves/),
    ).toBeInTheDocument();
    expect(screen.getByLabelText(/^How version \d+ does/)).toHaveTextContent(
      /1.50 an hour.*1,080.00 in 30 days/,
    );
  });

  it('says that nothing answers where it is not deployed', async () => {
    render([], { deployments: [] });
    expect(
      await screen.findByText('It is not deployed, so nothing answers.'),
    ).toBeInTheDocument();
  });

  it('tells owners who may call it', async () => {
    render([
      { owner: 'user:default/ada', keys: ['app', 'job'] },
      {
        owner: 'user:default/grace',
        keys: ['site'],
        lastUsedAt: '2026-05-01T08:00:00.000Z',
      },
    ]);
    const list = await screen.findByRole('list', { name: 'Who may call it' });
    const [never, used] = within(list).getAllByRole('listitem');
    expect(never).toHaveTextContent(/by app, job: never used/);
    expect(used).toHaveTextContent(/by site: last used/);
  });
});
