import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeDeployment, makeRollout } from '../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const server = setupServer(
  http.get(`${INFERENCE_URL}/deployments`, () =>
    HttpResponse.json({
      items: [
        makeDeployment({
          rollout: makeRollout(),
          convergence: { state: 'degraded', reason: 'no memory' },
          dataPlanes: {
            ready: 1,
            total: 2,
            degraded: [{ publicUrl: 'http://b', reason: 'no memory' }],
          },
        }),
      ],
      totalItems: 1,
    }),
  ),
  http.get(`${INFERENCE_URL}/environments`, () =>
    HttpResponse.json({
      items: [
        {
          environment: 'dev',
          deployer: 'local',
          run: {
            state: 'running',
            since: '2026-05-03T10:00:00Z',
            publicUrl: 'http://127.0.0.1:4000',
          },
        },
      ],
    }),
  ),
  http.get('*', () => HttpResponse.json({ items: [], problems: [] })),
);

// In a file of its own: decisions about permissions are kept from test to test.
describe('DeploymentsPage without the permission', () => {
  registerMswTestHooks(server);

  it('offers neither a try nor a stop to those who may not steer rollouts or operate data planes', async () => {
    renderInference({
      path: '/ai-inference/deployments',
      refused: [
        'ai-inference.rollout.steer',
        'ai-inference.data-plane.operate',
      ],
    });
    const stop = await screen.findByRole('button', {
      name: 'Stop the data plane of dev',
    });
    await waitFor(() => expect(stop).toBeDisabled());
    const button = await screen.findByRole('button', {
      name: 'Try digits in production again',
    });
    await waitFor(() => expect(button).toBeDisabled());
  });
});
