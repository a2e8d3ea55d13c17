import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import type { ModelHealth } from '@greenroom/plugin-ai-monitoring-common';
import { makeHealth, makePage } from '../__testUtils__/fixtures';
import {
  MONITORING_URL,
  renderMonitoring,
} from '../__testUtils__/renderMonitoring';

const server = setupServer();

function serve(items: ModelHealth[], producers: unknown[] = []) {
  server.use(
    http.get(`${MONITORING_URL}/health`, ({ request }) =>
      HttpResponse.json({
        ...makePage(
          new URL(request.url).searchParams.get('environment') === 'dev'
            ? []
            : items,
          { healthy: 120 },
        ),
        nextCursor: 'more',
      }),
    ),
    http.get(`${MONITORING_URL}/ingest`, () =>
      HttpResponse.json({ producers, maxClockOffsetMillis: 300_000 }),
    ),
  );
}

describe('OverviewPage', () => {
  registerMswTestHooks(server);

  it('lists the models, the worst first, with reasons and a way to the dashboard', async () => {
    serve(
      [
        makeHealth({
          model: 'diabetes',
          status: 'partly-watched',
          unwatched: ['Drift of version 1 is not watched: why.'],
        }),
        makeHealth({
          status: 'alert',
          reasons: ['3 of 64 features drift.'],
          drift: { drifted: 3, features: 64 },
        }),
      ],
      [
        {
          producer: 'a',
          environment: 'production',
          lastSequence: 4,
          droppedTotal: 1200,
          lostSamples: 0,
          refusedTotal: 34,
          clockOffsetMillis: 3 * 86_400_000,
          lastReceivedAt: new Date().toISOString(),
        },
      ],
    );
    renderMonitoring({ path: '/ai-monitoring' });

    await screen.findByRole('row', { name: /digits/ });
    const [, worst] = screen.getAllByRole('row');
    expect(within(worst).getByText('Alert')).toBeInTheDocument();
    expect(
      within(worst).getByText('3 of 64 features drift.'),
    ).toBeInTheDocument();
    const [, , half] = screen.getAllByRole('row');
    expect(within(half).getByText('Partly watched')).toBeInTheDocument();
    expect(
      within(half).getByText('Drift of version 1 is not watched: why.'),
    ).toBeInTheDocument();
    expect(within(worst).getByText('12.5/s')).toBeInTheDocument();
    expect(within(worst).getByText('3 of 64')).toBeInTheDocument();
    expect(within(worst).getByRole('link', { name: 'digits' })).toHaveAttribute(
      'href',
      '/ai-monitoring/models/digits?environment=production',
    );
    expect(await screen.findByText(/1,234 were lost/)).toBeInTheDocument();
    expect(screen.getByRole('alert')).toHaveTextContent(
      'The clock of data plane a is 3 days ahead: its records are refused until it is right.',
    );
    expect(
      screen.getByText(/Each verdict is about .* the last 5 minutes/),
    ).toBeInTheDocument();
    expect(screen.getByText(/2 of 120 models/)).toBeInTheDocument();
  });

  it('says what to do when there is nothing to watch', async () => {
    serve([makeHealth()]);
    renderMonitoring({ path: '/ai-monitoring' });
    await userEvent.click(
      await screen.findByRole('button', { name: /Environment/ }),
    );
    await userEvent.click(await screen.findByRole('option', { name: 'dev' }));
    expect(await screen.findByText('Nothing to watch yet')).toBeInTheDocument();
    expect(
      screen.getByText(/No data plane has sent records yet/),
    ).toBeInTheDocument();
  });
});
