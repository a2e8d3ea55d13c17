import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  INFERENCE_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const server = setupServer(
  http.get(
    `${INFERENCE_URL}/environments/:environment/connections`,
    ({ params: { environment } }) =>
      HttpResponse.json({
        items:
          environment === 'production'
            ? [
                {
                  environment,
                  name: 'llm',
                  kind: 'openai',
                  secrets: [],
                  check: { state: 'unchecked' },
                  usedBy: [],
                },
              ]
            : [],
      }),
  ),
);

// Answers to permissions are remembered within a file.
describe('ConnectionsPage, where permissions are refused', () => {
  registerMswTestHooks(server);

  it('leaves the button to those who may', async () => {
    renderInference({
      path: '/ai-inference/connections',
      refused: ['ai-inference.data-plane.operate'],
    });
    const button = await screen.findByRole('button', {
      name: 'Check llm of production now',
    });
    await waitFor(() => expect(button).toBeDisabled());
  });
});
