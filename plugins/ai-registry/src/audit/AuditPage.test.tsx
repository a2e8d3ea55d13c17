import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { AuditEntry } from '@greenroom/plugin-ai-registry-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { refusal, renderRegistry } from '../__testUtils__/renderRegistry';

const server = setupServer();
const API = 'http://localhost:7007/api';

const entry = (fields: Partial<AuditEntry>): AuditEntry => ({
  id: '1',
  at: '2026-05-03T12:00:00.000Z',
  actor: 'user:default/ada',
  action: 'model-updated',
  ...fields,
});

/** Serves a log for each plugin; one that is left out is not installed. */
function serveLogs(logs: Record<string, AuditEntry[]>) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get(`${API}/:plugin/audit`, ({ params, request }) => {
      const query = new URL(request.url).searchParams;
      if (params.plugin === 'ai-registry') asked.push(query);
      const items = logs[String(params.plugin)];
      return items
        ? HttpResponse.json({ items })
        : refusal(404, 'Nothing is there');
    }),
  );
  return asked;
}

describe('AuditPage', () => {
  registerMswTestHooks(server);

  it('shows what all plugins changed by time, with what was before and after', async () => {
    serveLogs({
      'ai-registry': [
        entry({
          model: 'digits',
          before: { title: 'Digits', owner: 'x' },
          after: { title: 'Handwritten digits', owner: 'x' },
        }),
      ],
      'ai-inference': [
        entry({
          at: '2026-05-03T13:00:00.000Z',
          action: 'rollout-changed',
          environment: 'production',
          actor: 'service:ai-inference',
        }),
      ],
    });
    renderRegistry({ path: '/ai-registry/audit' });
    const [, newest, oldest] = await screen.findAllByRole('row');
    expect(newest).toHaveTextContent('Rollout changed');
    expect(newest).toHaveTextContent('production');
    expect(within(newest).getByText('ai-inference')).toBeInTheDocument();
    expect(oldest).toHaveTextContent('Model updated');
    await userEvent.click(
      within(oldest).getByText('title', { selector: 'summary' }),
    );
    expect(within(oldest).getByRole('table')).toHaveTextContent(
      'titleDigitsHandwritten digits',
    );
    expect(within(oldest).queryByText('owner')).not.toBeInTheDocument();
    expect(within(oldest).getAllByTitle(/2026/)[0]).toHaveTextContent('ago');
  });

  it('shows what happens while one looks', async () => {
    serveLogs({ 'ai-registry': [entry({ id: '1' })] });
    renderRegistry({ path: '/ai-registry/audit' });
    expect(await screen.findByText('Model updated')).toBeInTheDocument();
    serveLogs({
      'ai-registry': [
        entry({
          id: '2',
          action: 'alias-moved',
          at: '2026-05-03T13:00:00.000Z',
        }),
        entry({ id: '1' }),
      ],
    });
    // The page was hidden, and is looked at again.
    document.dispatchEvent(new Event('visibilitychange'));
    const [, newest, oldest] = await waitFor(
      () => {
        const rows = screen.getAllByRole('row');
        expect(rows).toHaveLength(3);
        return rows;
      },
      { timeout: 5_000 },
    );
    expect(newest).toHaveTextContent('Alias moved');
    expect(oldest).toHaveTextContent('Model updated');
  });

  it('asks for what the address says, and offers to clear it', async () => {
    const asked = serveLogs({ 'ai-registry': [] });
    renderRegistry({
      path: '/ai-registry/audit?model=digits&from=2026-05-03&to=2026-05-03',
    });
    expect(await screen.findByText('No change fits')).toBeInTheDocument();
    const query = asked.at(-1)!;
    expect(query.get('model')).toBe('digits');
    const spanMillis =
      Date.parse(query.get('to')!) - Date.parse(query.get('from')!);
    expect(spanMillis).toBe(24 * 60 * 60 * 1_000);

    await userEvent.type(screen.getByLabelText('Who'), 'user:default/ada');
    await waitFor(() =>
      expect(asked.at(-1)?.get('actor')).toBe('user:default/ada'),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Clear filters' }),
    );
    expect(await screen.findByText('No changes yet')).toBeInTheDocument();
    expect(screen.getByLabelText('Model')).toHaveValue('');
  });

  it('says what went wrong, and reads again when asked', async () => {
    server.use(
      http.get(`${API}/:plugin/audit`, () => refusal(503, 'It is away')),
    );
    renderRegistry({ path: '/ai-registry/audit' });
    expect(await screen.findByText('It is away')).toBeInTheDocument();
    serveLogs({ 'ai-registry': [entry({})] });
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Model updated')).toBeInTheDocument();
    expect(screen.queryByText('It is away')).not.toBeInTheDocument();
  });
});
