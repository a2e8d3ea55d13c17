import {
  mockApis,
  registerMswTestHooks,
  renderTestApp,
} from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeHealth, makePage } from '../__testUtils__/fixtures';
import { MONITORING_URL } from '../__testUtils__/renderMonitoring';
import aiMonitoringPlugin from '..';
import './HealthEntityCard';

const server = setupServer();

describe('HealthEntityCard', () => {
  registerMswTestHooks(server);

  it('shows how the model of the entity does', async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get(`${MONITORING_URL}/health`, ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('model'));
        return HttpResponse.json(
          makePage([
            makeHealth({ status: 'alert', reasons: ['Too many errors.'] }),
          ]),
        );
      }),
    );
    renderTestApp({
      features: [aiMonitoringPlugin],
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
    expect(await screen.findByText('Too many errors.')).toBeInTheDocument();
    expect(screen.getByText('Alert')).toBeInTheDocument();
    expect(screen.getByText(/^requests .*\/s, last min$/)).toBeInTheDocument();
    expect(screen.getByText('errors 1 %, last 5 min')).toBeInTheDocument();
    expect(asked[0]).toBe('digits');
  });
});
