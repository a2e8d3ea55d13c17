import {
  mockApis,
  registerMswTestHooks,
  renderTestApp,
} from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeDeployment } from '../__testUtils__/fixtures';
import { INFERENCE_URL } from '../__testUtils__/renderInference';
import aiInferencePlugin from '..';
import './DeploymentEntityCard';

const server = setupServer();

describe('DeploymentEntityCard', () => {
  registerMswTestHooks(server);

  it('shows where the model of the entity is served', async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get(`${INFERENCE_URL}/deployments`, ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('model'));
        return HttpResponse.json({ items: [makeDeployment()], totalItems: 1 });
      }),
    );
    renderTestApp({
      features: [aiInferencePlugin],
      extensions: [
        createTestEntityPage({
          entity: {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Resource',
            metadata: {
              name: 'digits-model',
              annotations: { 'greenroom.dev/model': 'digits' },
            },
            spec: { type: 'ai-model', owner: 'group:default/vision-team' },
          },
        }),
      ],
      apis: [mockApis.discovery({ baseUrl: 'http://localhost:7007' })],
    });
    expect(
      await screen.findByRole('img', {
        name: 'Traffic: version 1 90 %, version 2 10 %',
      }),
    ).toBeInTheDocument();
    expect(asked[0]).toBe('digits');
  });
});
