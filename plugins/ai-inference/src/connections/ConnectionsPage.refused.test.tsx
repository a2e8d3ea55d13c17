import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
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

  it('leaves the button to those who may, and says so', async () => {
    let asked = 0;
    server.use(
      http.post(`${INFERENCE_URL}/*`, () => {
        asked += 1;
        return new HttpResponse(undefined, { status: 403 });
      }),
    );
    renderInference({
      path: '/ai-inference/connections',
      refused: ['ai-inference.data-plane.operate'],
    });
    const button = await screen.findByRole('button', {
      name: 'Check llm of production now',
    });
    await waitFor(() =>
      expect(button).toHaveAttribute('aria-disabled', 'true'),
    );
    await userEvent.click(button);
    await userEvent.unhover(button);
    await userEvent.hover(button);
    expect(await screen.findByRole('tooltip')).toHaveTextContent(
      'Only those who may operate the data planes of production',
    );
    expect(asked).toBe(0);
  });
});
