import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { EnvironmentPods } from '@greenroom/plugin-ai-inference-common';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  INFERENCE_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const POD = 'greenroom-live-5d9c7-x2v4k';
const PODS: EnvironmentPods = {
  pods: [
    {
      name: POD,
      state: 'ready',
      restarts: 0,
      image: 'example/serving:1',
      requests: {},
    },
  ],
  events: [],
  hasMoreEvents: false,
};

const server = setupServer(
  http.get(`${INFERENCE_URL}/environments`, () =>
    HttpResponse.json({
      items: [
        {
          environment: 'live',
          deployer: 'kubernetes',
          run: { state: 'starting', since: '2026-05-03T10:00:00Z' },
        },
      ],
    }),
  ),
  http.get(`${INFERENCE_URL}/environments/live/data-plane/pods`, () =>
    HttpResponse.json(PODS),
  ),
  http.get('*', () =>
    HttpResponse.json({ items: [], problems: [], totalItems: 0 }),
  ),
);

// In a file of its own: decisions about permissions are kept from test to test.
describe('PodsView without the permission', () => {
  registerMswTestHooks(server);

  it('shows pods, and gives no log to those who may not operate the environment', async () => {
    renderInference({
      path: '/ai-inference/deployments',
      refused: ['ai-inference.data-plane.operate'],
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Pods of live' }),
    );
    const log = await screen.findByRole('button', { name: `Log of ${POD}` });
    await waitFor(() => expect(log).toBeDisabled());
    expect(
      screen.getByText('for those who may operate live'),
    ).toBeInTheDocument();
  });
});
