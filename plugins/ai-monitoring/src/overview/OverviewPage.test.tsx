import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeHealth } from '../__testUtils__/fixtures';
import {
  MONITORING_URL,
  renderMonitoring,
} from '../__testUtils__/renderMonitoring';

const server = setupServer();

function serve(items: unknown[], producers: unknown[] = []) {
  server.use(
    http.get(`${MONITORING_URL}/health`, ({ request }) =>
      HttpResponse.json({
        items:
          new URL(request.url).searchParams.get('environment') === 'dev'
            ? []
            : items,
      }),
    ),
    http.get(`${MONITORING_URL}/ingest`, () =>
      HttpResponse.json({ producers }),
    ),
  );
}

describe('OverviewPage', () => {
  registerMswTestHooks(server);

  it('lists the models, the worst first, with reasons and a way to the dashboard', async () => {
    serve(
      [
        makeHealth({ model: 'diabetes' }),
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
    expect(within(worst).getByText('12.5/s')).toBeInTheDocument();
    expect(within(worst).getByText('3 of 64')).toBeInTheDocument();
    expect(within(worst).getByRole('link', { name: 'digits' })).toHaveAttribute(
      'href',
      '/ai-monitoring/models/digits?environment=production',
    );
    expect(
      await screen.findByText(/1,200 were dropped because/),
    ).toBeInTheDocument();
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
