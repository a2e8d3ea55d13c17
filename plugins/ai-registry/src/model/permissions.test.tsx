import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeModel } from '../__testUtils__/fixtures';
import { REGISTRY_URL, renderRegistry } from '../__testUtils__/renderRegistry';
import { runningDigits, serveModel } from '../__testUtils__/serveModel';

const server = setupServer();

// Permissions are cached for as long as a browser tab, or this file, lives.
const refused = [
  'ai-registry.model.create',
  'ai-registry.model.update',
  'ai-registry.model.promote',
];

describe('someone who owns nothing', () => {
  registerMswTestHooks(server);

  it('cannot promote, roll back or upload, and is told why', async () => {
    server.use(
      ...serveModel({
        deployments: [
          {
            ...runningDigits,
            rollbackTo: { version: 2, digest: runningDigits.digest },
          },
        ],
      }),
    );
    renderRegistry({ path: '/ai-registry/models/digits', refused });
    const upload = await screen.findByRole('button', {
      name: 'Upload version',
    });
    await waitFor(() =>
      expect(upload).toHaveAttribute('aria-disabled', 'true'),
    );
    expect(
      await screen.findByRole('button', { name: /Roll back production/ }),
    ).toBeDisabled();

    await userEvent.click(upload);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();

    const promote = await screen.findByRole('button', {
      name: 'Promote version 2',
    });
    await waitFor(() =>
      expect(promote).toHaveAttribute('aria-disabled', 'true'),
    );
    await userEvent.hover(promote);
    expect(await screen.findByRole('tooltip')).toHaveTextContent(
      /Only the owner of Handwritten digits and platform administrators/,
    );
  });

  it('promotes where it is allowed to, and nowhere else', async () => {
    server.use(
      ...serveModel({
        deployments: [
          {
            ...runningDigits,
            rollbackTo: { version: 2, digest: runningDigits.digest },
          },
        ],
      }),
    );
    renderRegistry({
      path: '/ai-registry/models/digits',
      refused: ['ai-registry.model.promote on production/digits'],
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Promote version 2' }),
    );
    await waitFor(() =>
      expect(screen.getByRole('radio', { name: 'production' })).toBeDisabled(),
    );
    expect(screen.getByRole('radio', { name: 'staging' })).toBeChecked();
    expect(screen.getByRole('radio', { name: 'dev' })).toBeEnabled();
  });

  it('cannot register a model', async () => {
    server.use(
      http.get(`${REGISTRY_URL}/models`, () =>
        HttpResponse.json({
          items: [makeModel({ versionCount: 0 })],
          totalItems: 1,
        }),
      ),
    );
    renderRegistry({ path: '/ai-registry/models', refused });
    const register = await screen.findByRole('button', {
      name: 'Register model',
    });
    await waitFor(() => expect(register).toBeDisabled());
  });
});
