import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  ApiKey,
  NewApiKey,
  RequestLimits,
  TokenLimits,
} from '@greenroom/plugin-ai-inference-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeKey } from '../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  REGISTRY_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const server = setupServer();
const PAGE = '/ai-inference/keys';
const SECRET = 'gr_0123456789abcdef';

/** A control plane that keeps keys. */
function serveKeys(keys: ApiKey[]) {
  const issued: NewApiKey[] = [];
  server.use(
    http.get(`${INFERENCE_URL}/keys`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      const limit = Number(searchParams.get('limit'));
      const start = Number(searchParams.get('cursor') ?? 0);
      return HttpResponse.json({
        items: keys.slice(start, start + limit),
        totalItems: keys.length,
        ...(start + limit < keys.length && {
          nextCursor: String(start + limit),
        }),
      });
    }),
    http.post<never, NewApiKey>(
      `${INFERENCE_URL}/keys`,
      async ({ request }) => {
        const body = await request.json();
        issued.push(body);
        const key = makeKey({ id: 'k-2', ...body });
        keys.push(key);
        return HttpResponse.json({ ...key, secret: SECRET }, { status: 201 });
      },
    ),
    http.post(`${INFERENCE_URL}/keys/:id/revoke`, ({ params }) => {
      const key = keys.find(({ id }) => id === params.id);
      if (!key) return new HttpResponse(undefined, { status: 404 });
      key.revokedAt = '2026-05-03T11:00:00Z';
      return HttpResponse.json(key);
    }),
    http.put<
      { id: string },
      { limits?: TokenLimits; requestLimits?: RequestLimits }
    >(`${INFERENCE_URL}/keys/:id/limits`, async ({ params, request }) => {
      const key = keys.find(({ id }) => id === params.id);
      if (!key) return new HttpResponse(undefined, { status: 404 });
      const { limits, requestLimits } = await request.json();
      Object.assign(key, { limits, requestLimits });
      return HttpResponse.json(key);
    }),
    http.put<{ id: string }, Pick<ApiKey, 'scopes'>>(
      `${INFERENCE_URL}/keys/:id/scopes`,
      async ({ params, request }) => {
        const key = keys.find(({ id }) => id === params.id);
        if (!key) return new HttpResponse(undefined, { status: 404 });
        key.scopes = (await request.json()).scopes;
        return HttpResponse.json(key);
      },
    ),
    http.get(`${REGISTRY_URL}/models`, () =>
      HttpResponse.json({
        items: [
          { name: 'digits', title: 'Handwritten digits' },
          { name: 'diabetes', title: '' },
        ],
        totalItems: 2,
      }),
    ),
  );
  return issued;
}

describe('KeysPage', () => {
  registerMswTestHooks(server);

  it('opens the form for a model that an address names, also one that the list does not begin with', async () => {
    serveKeys([]);
    renderInference({ path: `${PAGE}?model=zebra` });
    const dialog = within(await screen.findByRole('dialog'));
    expect(
      await dialog.findByRole('checkbox', { name: 'zebra' }),
    ).toBeChecked();
    expect(
      await dialog.findByRole('checkbox', { name: 'Handwritten digits' }),
    ).not.toBeChecked();
  });

  it('issues a key for chosen models and shows its secret once', async () => {
    const issued = serveKeys([]);
    renderInference({ path: PAGE });
    expect(await screen.findByText('No keys yet')).toBeInTheDocument();

    await userEvent.click(screen.getByRole('button', { name: 'Issue a key' }));
    const issue = await screen.findByRole('button', { name: 'Issue the key' });
    expect(issue).toBeDisabled();
    await userEvent.type(screen.getByLabelText(/^Name/), 'intake');
    expect(issue).toBeDisabled();
    await userEvent.click(await screen.findByLabelText('Handwritten digits'));
    await userEvent.click(issue);

    expect(await screen.findByText(SECRET)).toBeInTheDocument();
    expect(issued).toEqual([
      {
        name: 'intake',
        models: ['digits'],
        expiresAt: expect.stringMatching(/^\d{4}-/),
      },
    ]);
    await userEvent.keyboard('{Escape}');
    expect(screen.getByText(SECRET)).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'I have stored it' }),
    );
    expect(screen.queryByText(SECRET)).not.toBeInTheDocument();
    expect(
      await screen.findByRole('row', { name: /intake/ }),
    ).toHaveTextContent('digits');
  });

  it('issues a key with limits', async () => {
    const issued = serveKeys([]);
    renderInference({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Issue a key' }),
    );
    const issue = await screen.findByRole('button', { name: 'Issue the key' });
    await userEvent.type(screen.getByLabelText(/^Name/), 'intake');
    await userEvent.click(await screen.findByLabelText('Handwritten digits'));
    await userEvent.type(screen.getByLabelText('Tokens a minute'), '12x');
    expect(issue).toBeDisabled();
    const wrong = /^Write a whole number from 1/;
    expect(await screen.findByText(wrong)).toBeInTheDocument();
    await userEvent.type(
      screen.getByLabelText('Tokens a minute'),
      '{Backspace}000',
    );
    expect(screen.queryByText(wrong)).not.toBeInTheDocument();
    await userEvent.click(issue);
    await screen.findByText(SECRET);
    expect(issued).toMatchObject([
      { limits: { perMinute: 12_000, mode: 'hard' } },
    ]);
  });

  it('shows limits and what was used, and changes them', async () => {
    serveKeys([
      makeKey({
        limits: { perMinute: 2_000, perDay: 50_000, mode: 'soft' },
        usedToday: [{ environment: 'production', tokens: 1_234 }],
      }),
    ]);
    renderInference({ path: PAGE });
    const row = await screen.findByRole('row', { name: /intake/ });
    expect(row).toHaveTextContent('2,000 tokens a minute');
    expect(row).toHaveTextContent('50,000 tokens a day');
    expect(row).toHaveTextContent('1,234 tokens today in production');
    await userEvent.click(screen.getByRole('button', { name: 'Edit intake' }));
    await userEvent.clear(await screen.findByLabelText('Tokens a minute'));
    await userEvent.clear(screen.getByLabelText('Tokens a day'));
    await userEvent.type(screen.getByLabelText('Tokens a day'), '70000');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('70,000 tokens a day')).toBeInTheDocument();
    expect(screen.queryByText(/a minute/)).not.toBeInTheDocument();
  });

  it('shows and changes limits of requests and rows, beside those of tokens', async () => {
    serveKeys([
      makeKey({
        requestLimits: {
          requestsPerSecond: 50,
          burst: 100,
          rowsPerMinute: 6_000,
          mode: 'hard',
        },
        limits: { perDay: 50_000, mode: 'hard' },
        lastMinute: [
          {
            environment: 'production',
            requests: 1_200,
            rows: 5_000,
            refused: 3,
            mostInFlight: 9,
          },
        ],
      }),
    ]);
    renderInference({ path: PAGE });
    const row = await screen.findByRole('row', { name: /intake/ });
    expect(row).toHaveTextContent('50 requests a second, 100 at once');
    expect(row).toHaveTextContent('6,000 rows a minute');
    expect(row).toHaveTextContent(
      '1,200 requests in the last minute, 5,000 rows, 3 refused in production',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Edit intake' }));
    const save = await screen.findByRole('button', { name: 'Save' });
    await userEvent.clear(screen.getByLabelText('Requests a second'));
    expect(save).toBeDisabled();
    await userEvent.clear(screen.getByLabelText('At once after a pause'));
    await userEvent.type(screen.getByLabelText('Requests at a time'), '4');
    await userEvent.click(save);
    expect(await screen.findByText('4 requests at a time')).toBeInTheDocument();
    expect(row).not.toHaveTextContent('a second');
    expect(row).toHaveTextContent('6,000 rows a minute');
    expect(row).toHaveTextContent('50,000 tokens a day');
  });

  it('shows and changes scopes, of which a new key has none', async () => {
    serveKeys([makeKey({ scopes: ['versions'] })]);
    renderInference({ path: PAGE });
    expect(await screen.findByText('and versions by name')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Edit intake' }));
    await userEvent.click(await screen.findByLabelText(/^Have a version/));
    await userEvent.click(screen.getByLabelText(/^Load and unload/));
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('and loads them')).toBeInTheDocument();
    expect(screen.queryByText('and versions by name')).not.toBeInTheDocument();
  });

  it('shows a page of many keys at a time', async () => {
    serveKeys(
      Array.from({ length: 120 }, (_, index) =>
        makeKey({ id: `k-${index}`, name: `key ${index}` }),
      ),
    );
    renderInference({ path: PAGE });
    expect(await screen.findByText('120 keys')).toBeInTheDocument();
    expect(screen.getAllByRole('row')).toHaveLength(51);
    expect(screen.getByRole('button', { name: 'Newer keys' })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: 'Older keys' }));
    await screen.findByText('key 50');
    await userEvent.click(screen.getByRole('button', { name: 'Older keys' }));
    await screen.findByText('key 119');
    expect(screen.getAllByRole('row')).toHaveLength(21);
    expect(screen.getByRole('button', { name: 'Older keys' })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: 'Newer keys' }));
    await screen.findByText('key 99');
  });

  it('revokes a key after asking', async () => {
    serveKeys([makeKey()]);
    renderInference({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke intake' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke the key' }),
    );
    expect(await screen.findByText('Revoked')).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Revoke intake' }),
    ).not.toBeInTheDocument();
  });

  it('keeps the dialog and says why when the server refuses', async () => {
    serveKeys([makeKey()]);
    server.use(
      http.post(`${INFERENCE_URL}/keys/:id/revoke`, () =>
        HttpResponse.json(
          {
            error: { name: 'ConflictError', message: 'It is revoked already' },
            response: { statusCode: 409 },
          },
          { status: 409 },
        ),
      ),
    );
    renderInference({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke intake' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Revoke the key' }),
    );
    expect(
      await within(screen.getByRole('dialog')).findByText(
        'It is revoked already',
      ),
    ).toBeInTheDocument();
  });
});
