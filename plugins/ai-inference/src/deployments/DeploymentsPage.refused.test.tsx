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
  http.get('*', () => HttpResponse.json({ items: [], problems: [] })),
);

// In a file of its own: decisions about permissions are kept from test to test.
describe('DeploymentsPage without the permission', () => {
  registerMswTestHooks(server);

  it('offers no try to those who may not steer rollouts', async () => {
    renderInference({
      path: '/ai-inference/deployments',
      refused: ['ai-inference.rollout.steer'],
    });
    const button = await screen.findByRole('button', {
      name: 'Try digits in production again',
    });
    await waitFor(() => expect(button).toBeDisabled());
  });
});
