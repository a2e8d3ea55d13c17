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
import { INFERENCE_URL } from '../__testUtils__/renderInference';
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

function render(consumers: object[]) {
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
