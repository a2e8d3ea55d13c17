import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeKey } from '../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const server = setupServer();

// In its own file, because answers on permissions are remembered between tests.
describe('KeysPage for somebody without permissions', () => {
  registerMswTestHooks(server);

  it('offers nothing that the signed-in person may not do', async () => {
    server.use(
      http.get(`${INFERENCE_URL}/keys`, () =>
        HttpResponse.json({
          items: [makeKey({ createdBy: 'user:default/grace' })],
          totalItems: 1,
        }),
      ),
    );
    renderInference({
      path: '/ai-inference/keys',
      refused: ['ai-inference.key.create', 'ai-inference.key.revoke'],
    });
    expect(
      await screen.findByText(/You may not issue keys/),
    ).toBeInTheDocument();
    await screen.findByRole('row', { name: /intake/ });
    expect(
      screen.queryByRole('button', { name: 'Revoke intake' }),
    ).not.toBeInTheDocument();
  });
});
