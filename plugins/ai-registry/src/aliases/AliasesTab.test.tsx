import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { AliasChange } from '@greenroom/plugin-ai-registry-common';
import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { serveModel } from '../__testUtils__/serveModel';

const server = setupServer();
const ALIAS_URL = `${REGISTRY_URL}/models/digits/aliases`;

const history: AliasChange[] = [
  {
    alias: 'production',
    version: 2,
    previousVersion: 1,
    validFrom: '2026-05-04T08:00:00.000Z',
    changedBy: 'user:default/grace',
    reason: 'Better',
    promotionId: 'p-1',
  },
  {
    alias: 'production',
    version: 1,
    validFrom: '2026-05-01T08:00:00.000Z',
    validTo: '2026-05-04T08:00:00.000Z',
    changedBy: 'user:default/ada',
    reason: 'First',
  },
];

describe('AliasesTab', () => {
  registerMswTestHooks(server);

  it('draws the history and answers what an alias was at a moment', async () => {
    const asked: string[] = [];
    server.use(
      ...serveModel({ history }),
      http.get(`${ALIAS_URL}/production`, ({ request }) => {
        const at = new URL(request.url).searchParams.get('at') ?? '';
        asked.push(at);
        return at < history[1].validFrom
          ? refusal(404, 'production pointed nowhere then')
          : HttpResponse.json({ ...history[1] });
      }),
    );
    renderRegistry({ path: '/ai-registry/models/digits/aliases' });

    const lane = await screen.findByRole('list', {
      name: 'Versions of production',
    });
    expect(within(lane).getAllByRole('listitem')).toHaveLength(2);
    const [older, newer] = within(lane).getAllByRole('link');
    expect(older).toHaveAttribute(
      'href',
      '/ai-registry/models/digits/versions/1',
    );
    expect(newer).toHaveAccessibleName(/^v2, .* to now: Better$/);
    expect(screen.getByRole('link', { name: 'promotion' })).toHaveAttribute(
      'href',
      '/ai-registry/promotions/p-1',
    );

    const when = screen.getByLabelText('Date and time');
    fireEvent.change(when, { target: { value: '2026-05-03T12:00' } });
    await userEvent.click(screen.getByRole('button', { name: 'Look up' }));
    expect(
      await screen.findByRole('link', { name: 'version 1' }),
    ).toBeInTheDocument();
    expect(asked).toEqual([new Date('2026-05-03T12:00').toISOString()]);

    fireEvent.change(when, { target: { value: '2026-04-01T12:00' } });
    await userEvent.click(screen.getByRole('button', { name: 'Look up' }));
    expect(
      await screen.findByText(/pointed at no version/),
    ).toBeInTheDocument();
  });

  it('sets aliases of one’s own, but not those of environments', async () => {
    const set = jest.fn();
    server.use(
      ...serveModel({ history }),
      http.put(`${ALIAS_URL}/champion`, async ({ request }) => {
        set(await request.json());
        return HttpResponse.json({ ...history[0], alias: 'champion' });
      }),
    );
    renderRegistry({ path: '/ai-registry/models/digits/aliases' });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Set alias' }),
    );
    const dialog = await screen.findByRole('dialog');
    const alias = within(dialog).getByLabelText(/^Alias/);
    const send = within(dialog).getByRole('button', { name: 'Set alias' });
    await userEvent.type(alias, 'production');
    await userEvent.type(within(dialog).getByLabelText(/^Reason/), 'Our best');
    await userEvent.click(send);
    expect(
      await within(dialog).findByText(/only a merged promotion moves it/),
    ).toBeInTheDocument();
    expect(set).not.toHaveBeenCalled();

    await userEvent.clear(alias);
    await userEvent.type(alias, 'champion');
    await userEvent.click(send);
    await screen.findByRole('button', { name: 'Set alias' });
    expect(set).toHaveBeenCalledWith({ version: 2, reason: 'Our best' });
  });
});
