import {
  registerMswTestHooks,
  mockApis,
  renderInTestApp,
} from '@backstage/frontend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import {
  AiRegistryClient,
  type NewServiceToken,
  type ServiceToken,
} from '@greenroom/plugin-ai-registry-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { REGISTRY_URL } from '../__testUtils__/renderRegistry';
import { type AiRegistryApi, aiRegistryApiRef } from '../api/AiRegistryApi';
import { toScopes, tokenState } from './newToken';
import { ServiceTokensPage } from './ServiceTokensPage';

const server = setupServer();
const TOKEN = 'grt_0123456789abcdef';

const declared: ServiceToken = {
  name: 'data-plane-production',
  owner: 'group:default/platform',
  source: 'configuration',
  scopes: [{ permission: 'ai-inference.snapshot.read', on: ['production/*'] }],
};

function serveTokens() {
  const tokens: ServiceToken[] = [declared];
  const asked: NewServiceToken[] = [];
  server.use(
    http.get(`${REGISTRY_URL}/service-tokens`, () =>
      HttpResponse.json({ items: tokens }),
    ),
    http.post<never, NewServiceToken>(
      `${REGISTRY_URL}/service-tokens`,
      async ({ request }) => {
        const body = await request.json();
        asked.push(body);
        const token: ServiceToken = {
          ...body,
          source: 'portal',
          prefix: TOKEN.slice(0, 8),
          createdAt: new Date().toISOString(),
          createdBy: 'user:default/grace',
        };
        tokens.push(token);
        return HttpResponse.json({ ...token, token: TOKEN }, { status: 201 });
      },
    ),
    http.post(`${REGISTRY_URL}/service-tokens/:name/revoke`, ({ params }) => {
      const token = tokens.find(({ name }) => name === params.name)!;
      token.revokedAt = new Date().toISOString();
      return HttpResponse.json(token);
    }),
  );
  return asked;
}

function renderPage(result = AuthorizeResult.ALLOW) {
  const client = new AiRegistryClient({
    discoveryApi: mockApis.discovery({ baseUrl: 'http://localhost:7007' }),
  });
  const api: AiRegistryApi = Object.assign(client, {
    uploadFile: () => Promise.reject(new Error('Not here')),
    sendDatasetFile: () => Promise.reject(new Error('Not here')),
  });
  renderInTestApp(<ServiceTokensPage />, {
    apis: [
      [aiRegistryApiRef, api],
      [permissionApiRef, { authorize: async () => ({ result }) }],
    ],
  });
}

describe('ServiceTokensPage', () => {
  registerMswTestHooks(server);

  it('issues a token, shows it once, and revokes it after asking', async () => {
    const asked = serveTokens();
    renderPage();
    const row = await screen.findByRole('row', {
      name: /data-plane-production/,
    });
    expect(row).toHaveTextContent('on production/*');
    expect(row).toHaveTextContent('in the configuration');
    expect(within(row).queryByRole('button')).not.toBeInTheDocument();

    await userEvent.click(
      screen.getByRole('button', { name: 'Issue a token' }),
    );
    const issue = await screen.findByRole('button', {
      name: 'Issue the token',
    });
    expect(issue).toBeDisabled();
    await userEvent.type(screen.getByLabelText(/^Name/), 'nightly');
    await userEvent.type(
      screen.getByRole('combobox', { name: /^Owner/ }),
      'group:default/vision',
    );
    await userEvent.click(screen.getByLabelText('ai-registry.model.promote'));
    await userEvent.type(screen.getByLabelText(/^Where/), 'dev/*, staging/*');
    expect(
      screen.queryByLabelText('ai-registry.service-token.manage'),
    ).not.toBeInTheDocument();
    await userEvent.click(issue);
    expect(await screen.findByText(TOKEN)).toBeInTheDocument();
    expect(asked).toEqual([
      {
        name: 'nightly',
        owner: 'group:default/vision',
        scopes: [
          {
            permission: 'ai-registry.model.promote',
            on: ['dev/*', 'staging/*'],
          },
        ],
        expiresAt: expect.stringMatching(/^\d{4}-/),
      },
    ]);
    await userEvent.keyboard('{Escape}');
    expect(screen.getByText(TOKEN)).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'I have stored it' }),
    );
    expect(screen.queryByText(TOKEN)).not.toBeInTheDocument();

    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke nightly' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke the token' }),
    );
    expect(await screen.findByText('Revoked')).toBeInTheDocument();
  });

  it('makes scopes and tells states', () => {
    expect(toScopes(['a.b'], ' ')).toEqual([{ permission: 'a.b' }]);
    expect(tokenState(declared, 0)).toBe('active');
    const ended = { ...declared, expiresAt: '2026-01-01T00:00:00Z' };
    expect(tokenState(ended, Date.parse('2026-01-01T00:00:00Z'))).toBe(
      'expired',
    );
  });
});
