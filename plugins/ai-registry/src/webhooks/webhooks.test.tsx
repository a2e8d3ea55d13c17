import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  NewWebhook,
  Webhook,
  WebhookDelivery,
} from '@greenroom/plugin-ai-registry-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeModel } from '../__testUtils__/fixtures';
import {
  refusal,
  REGISTRY_URL,
  renderRegistry,
} from '../__testUtils__/renderRegistry';

const server = setupServer();
const AT = '2026-05-03T10:00:00.000Z';

function makeHook(changes: Partial<Webhook> = {}): Webhook {
  return {
    id: 'h-1',
    name: 'ci',
    description: '',
    url: 'https://ci.example.com/hooks',
    events: ['model_version.created', 'model_version_alias.created'],
    model: 'digits',
    status: 'ACTIVE',
    hasSecret: true,
    failures: 0,
    dropped: 0,
    createdAt: AT,
    createdBy: 'user:default/ada',
    updatedAt: AT,
    ...changes,
  };
}

const failed: WebhookDelivery = {
  id: 'd-1',
  event: 'model_version.created',
  isTest: false,
  state: 'FAILED',
  attempts: 10,
  responseStatus: 503,
  responseBody: 'try later',
  error: 'it answered 503',
  durationMillis: 12,
  createdAt: AT,
  finishedAt: AT,
  body: '{"entity":"model_version"}',
};

function serve(hooks: Webhook[], deliveries: WebhookDelivery[] = []) {
  const asked: [string, unknown][] = [];
  const note = async (name: string, request: Request) =>
    asked.push([name, request.body ? await request.json() : undefined]);
  server.use(
    http.get(`${REGISTRY_URL}/webhooks`, () =>
      HttpResponse.json({ items: hooks }),
    ),
    http.post(`${REGISTRY_URL}/webhooks`, async ({ request }) => {
      await note('create', request);
      return asked.length === 1
        ? refusal(400, "url: '10.0.0.1' is not a public address")
        : HttpResponse.json(makeHook(), { status: 201 });
    }),
    http.get(`${REGISTRY_URL}/webhooks/h-1`, () => HttpResponse.json(hooks[0])),
    http.patch(`${REGISTRY_URL}/webhooks/h-1`, async ({ request }) => {
      await note('update', request);
      return HttpResponse.json(hooks[0]);
    }),
    http.delete(`${REGISTRY_URL}/webhooks/h-1`, async ({ request }) => {
      await note('delete', request);
      return new HttpResponse(null, { status: 204 });
    }),
    http.post(`${REGISTRY_URL}/webhooks/h-1/test`, async ({ request }) => {
      await note('test', request);
      return HttpResponse.json({
        success: false,
        responseStatus: 401,
        responseBody: 'bad signature',
      });
    }),
    http.get(`${REGISTRY_URL}/webhooks/h-1/deliveries`, ({ request }) => {
      const state = new URL(request.url).searchParams.get('state');
      return HttpResponse.json({
        items: deliveries.filter(it => !state || it.state === state),
      });
    }),
    http.post(
      `${REGISTRY_URL}/webhooks/h-1/deliveries/:id/replay`,
      async ({ request, params }) => {
        await note(`replay ${params.id}`, request);
        return HttpResponse.json(failed);
      },
    ),
    http.get(`${REGISTRY_URL}/models`, () =>
      HttpResponse.json({ items: [makeModel()], totalItems: 1 }),
    ),
  );
  return asked;
}

describe('the pages of web hooks', () => {
  registerMswTestHooks(server);

  it('make one with a secret that is shown once', async () => {
    const asked = serve([]);
    renderRegistry({ path: '/ai-registry/webhooks' });
    expect(await screen.findByText('No web hook yet')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'New web hook' }));
    const make = await screen.findByRole('button', { name: 'Make web hook' });
    await userEvent.click(make);
    expect(await screen.findByText(/begins with https/)).toBeInTheDocument();
    await userEvent.type(screen.getByRole('textbox', { name: /Name/ }), 'ci');
    await userEvent.type(
      screen.getByRole('textbox', { name: /Address/ }),
      'https://10.0.0.1/hooks',
    );
    await userEvent.click(make);
    expect(
      await screen.findByText(/is not a public address/),
    ).toBeInTheDocument();
    await userEvent.click(make);
    const secret = (asked.at(-1)?.[1] as NewWebhook | undefined)?.secret;
    expect(await screen.findByText('Copy it now')).toBeInTheDocument();
    const [, sent] = asked[1] as [string, NewWebhook];
    expect(sent).toMatchObject({
      name: 'ci',
      url: 'https://10.0.0.1/hooks',
      events: ['model_version.created', 'model_version_alias.created'],
    });
    expect(sent).not.toHaveProperty('model');
    expect(sent.secret).toHaveLength(44);
    expect(screen.getByText(sent.secret ?? '-')).toBeInTheDocument();
    // A refused try gave its secret to nobody.
    expect((asked[0][1] as NewWebhook).secret).not.toBe(secret);
    await userEvent.click(
      screen.getByRole('button', { name: 'I have stored it' }),
    );
    await waitFor(() =>
      expect(screen.queryByText(sent.secret ?? '-')).not.toBeInTheDocument(),
    );
  });

  it('ask for a model where somebody may not tell of all', async () => {
    serve([]);
    renderRegistry({
      path: '/ai-registry/webhooks',
      refused: ['ai-registry.webhook.manage'],
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'New web hook' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Make web hook' }),
    );
    expect(
      await screen.findByText(/Choose a model that you may change/),
    ).toBeInTheDocument();
  });

  it('list hooks, and say which are not taken', async () => {
    serve([
      makeHook({ failures: 3 }),
      makeHook({ id: 'h-2', name: 'all', model: undefined }),
      makeHook({ id: 'h-3', name: 'off', status: 'DISABLED' }),
    ]);
    renderRegistry({ path: '/ai-registry/webhooks' });
    const row = await screen.findByRole('row', { name: /^ci/ });
    expect(row).toHaveTextContent('3 tries failed');
    expect(within(row).getByRole('link', { name: 'ci' })).toHaveAttribute(
      'href',
      '/ai-registry/webhooks/h-1',
    );
    expect(screen.getByRole('row', { name: /^all/ })).toHaveTextContent(
      'All models',
    );
    expect(screen.getByRole('row', { name: /^off/ })).toHaveTextContent(
      'Disabled',
    );
  });

  it('try a hook, look at deliveries, and send one once more', async () => {
    const asked = serve([makeHook({ failures: 1 })], [failed]);
    renderRegistry({ path: '/ai-registry/webhooks/h-1' });
    expect(
      await screen.findByText('The receiver does not take deliveries'),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Send a test' }));
    expect(
      await screen.findByText(/It answered 401. “bad signature”/),
    ).toBeInTheDocument();
    const table = await screen.findByRole('table', { name: 'Deliveries' });
    expect(table).toHaveTextContent('it answered 503');
    await userEvent.click(
      within(table).getByRole('button', { name: /once more/ }),
    );
    await waitFor(() => expect(asked.at(-1)?.[0]).toBe('replay d-1'));
    await userEvent.click(screen.getByRole('radio', { name: 'Waiting' }));
    expect(await screen.findByText('None of these')).toBeInTheDocument();
  });

  it('say why the registry has disabled one', async () => {
    serve([
      makeHook({
        status: 'DISABLED',
        disabledBecause: 'The model has passed to group:default/others',
      }),
    ]);
    renderRegistry({ path: '/ai-registry/webhooks/h-1' });
    expect(
      await screen.findByText(
        /^The model has passed to group:default\/others\. Nothing is delivered/,
      ),
    ).toBeInTheDocument();
  });

  it('disable a hook, give it a new secret, and take it away', async () => {
    const asked = serve([makeHook()]);
    renderRegistry({ path: '/ai-registry/webhooks/h-1' });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Disable' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Disable it' }),
    );
    await waitFor(() =>
      expect(asked).toEqual([['update', { status: 'DISABLED' }]]),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'New secret' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Make the secret' }),
    );
    const stored = await screen.findByRole('button', {
      name: 'I have stored it',
    });
    const { secret } = asked[1][1] as { secret: string };
    expect(screen.getByText(secret)).toBeInTheDocument();
    await userEvent.click(stored);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete the web hook' }),
    );
    await waitFor(() => expect(asked.at(-1)?.[0]).toBe('delete'));
    expect(
      await screen.findByRole('button', { name: 'New web hook' }),
    ).toBeInTheDocument();
  });
});
